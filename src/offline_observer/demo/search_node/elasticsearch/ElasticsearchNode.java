package offlineobserver.node;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * One node of Elasticsearch in this process, without what the distribution puts around it: the launcher, the
 * bootstrap checks, and the modules that are not published by themselves.
 *
 * <p>Arguments: the node's home, whose {@code config/elasticsearch.yml} is read, and the folder of its modules.
 */
public final class ElasticsearchNode {
    private ElasticsearchNode() {}

    public static void main(String[] arguments) {
        NodeProcess.run(() -> start(Path.of(arguments[0]), Path.of(arguments[1])));
    }

    private static Node start(Path home, Path modules) throws Exception {
        Settings settings = Settings.builder()
            .put(Environment.PATH_HOME_SETTING.getKey(), home)
            .put("logger.level", "INFO")
            .build();
        // Before anything of Elasticsearch is loaded that logs.
        LogConfigurator.configureESLogging();
        LogConfigurator.configureWithoutConfig(settings);
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), home.resolve("config"), () -> "node"
        );
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(Modules.in(modules), Set.of(), Map.of(), false);
        return new Node(environment, plugins).start();
    }
}
