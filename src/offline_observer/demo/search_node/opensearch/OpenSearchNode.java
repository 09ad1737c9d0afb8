package offlineobserver.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/**
 * One node of OpenSearch in this process, without what the distribution puts around it: the launcher, the
 * bootstrap checks, and the modules other than the one for HTTP.
 *
 * <p>Argument: the node's home, whose {@code config/opensearch.yml} is read. A second one is not looked at.
 */
public final class OpenSearchNode extends Node {
    private OpenSearchNode(Environment environment) {
        // The module is on the class path; the constructor that takes one from there is for subclasses alone.
        super(environment, List.of(Netty4Plugin.class), false);
    }

    public static void main(String[] arguments) {
        NodeProcess.run(() -> start(Path.of(arguments[0])));
    }

    private static Node start(Path home) throws Exception {
        Settings settings = Settings.builder()
            .put(Environment.PATH_HOME_SETTING.getKey(), home)
            .put("logger.level", "INFO")
            .build();
        // Before anything of OpenSearch is loaded that logs.
        LogConfigurator.registerErrorListener();
        LogConfigurator.configureWithoutConfig(settings);
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), home.resolve("config"), () -> "node"
        );
        return new OpenSearchNode(environment).start();
    }
}
