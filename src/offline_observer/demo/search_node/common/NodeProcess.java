package offlineobserver.node;

import java.io.Closeable;
import java.util.concurrent.Callable;

/** What a node is as a process: it runs until it is told to end, and says why if it cannot start. */
final class NodeProcess {
    private NodeProcess() {}

    /** Starts a node and never returns: the process ends with a signal, or with exit code 1 when it cannot start. */
    static void run(Callable<? extends Closeable> start) {
        try {
            Closeable node = start.call();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node), "close"));
            // The node's own threads are daemons.
            Thread.currentThread().join();
        } catch (Throwable error) {
            error.printStackTrace();
            // At the very end of the log, where one looks, and where a stack trace hides it.
            System.err.println("cannot start: " + reason(error));
            System.exit(1);
        }
    }

    private static String reason(Throwable error) {
        String cause = error.getCause() == null ? "" : "; " + reason(error.getCause());
        return error.getClass().getSimpleName() + ": " + error.getMessage() + cause;
    }

    private static void close(Closeable node) {
        try {
            node.close();
        } catch (Exception error) {
            error.printStackTrace();
        }
    }
}
