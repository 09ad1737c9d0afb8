package offlineobserver.node;

import java.nio.file.Path;
import java.util.Set;
import org.elasticsearch.plugins.PluginBundle;
import org.elasticsearch.plugins.PluginsLoader;

/** Modules, as Elasticsearch 8 reads them. */
final class Modules {
    private Modules() {}

    static Set<PluginBundle> in(Path folder) {
        return PluginsLoader.loadModulesBundles(folder);
    }
}
