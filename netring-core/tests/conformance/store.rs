mod memory {
    use netring_core::{
        MemoryStore,
        testing::{StoreFixture, StoreHarness},
    };

    struct Memory;

    #[async_trait::async_trait]
    impl StoreHarness for Memory {
        async fn store(&self, limit: usize) -> StoreFixture {
            StoreFixture::new(MemoryStore::with_limit(limit))
        }
    }

    netring_core::member_store_conformance!(Memory);
}
