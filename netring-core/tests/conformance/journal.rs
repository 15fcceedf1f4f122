mod memory {
    use netring_core::{
        MemoryStore,
        testing::{JournalFixture, JournalHarness},
    };

    struct Memory;

    #[async_trait::async_trait]
    impl JournalHarness for Memory {
        async fn journal(&self) -> JournalFixture {
            JournalFixture::new(MemoryStore::new())
        }
    }

    netring_core::journal_conformance!(Memory);
}
