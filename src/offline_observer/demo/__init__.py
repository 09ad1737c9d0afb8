"""The visits scenario on this machine: broker, generator, observed Spark job, observer."""
