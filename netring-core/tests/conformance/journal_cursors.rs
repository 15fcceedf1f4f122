mod memory {
    use netring_core::{
        Journal, MemoryStore,
        testing::{Guard, JournalCursorHarness},
    };
    use std::sync::Arc;

    struct Memory;

    #[async_trait::async_trait]
    impl JournalCursorHarness for Memory {
        async fn journal(&self) -> (Arc<dyn Journal>, Guard) {
            (Arc::new(MemoryStore::new()), Box::new(()))
        }
    }

    netring_core::journal_cursor_conformance!(Memory);
}
