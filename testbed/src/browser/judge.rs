use super::Page;
use std::{mem, thread};

/// The end of a test.
impl Page {
    /// Ends the browser, whatever was on the console. For a program that is no test.
    pub async fn close(mut self) {
        self.finished = true;
    }

    /// Ends the browser.
    ///
    /// # Panics
    /// Where there was an error or a warning on the console, or a request to any other host.
    pub async fn finish(self) {
        self.finish_but(&[]).await;
    }

    /// The same, with errors on the console that the test is about, and that have one of `parts` in them: the registry
    /// was stopped, so that `net::ERR_CONNECTION_REFUSED` is as it should be.
    ///
    /// # Panics
    /// Where there was any other.
    pub async fn finish_but(mut self, parts: &[&str]) {
        // Or what fails here would be told twice.
        self.finished = true;
        let meant = |message: &str| parts.iter().any(|part| message.contains(part));
        let bad: Vec<_> = self.said().await.into_iter().filter(|said| said.is_bad() && !meant(&said.message)).collect();
        assert!(bad.is_empty(), "there are errors on the console: {bad:#?}");
        let asked = self.asked().await;
        assert!(!asked.is_empty(), "not one request is seen, not even that for the page");
        let away: Vec<_> = asked.iter().filter(|asked| !asked.stays_at(&self.origin)).collect();
        assert!(away.is_empty(), "the page asks other hosts than {}: {away:#?}", self.origin);
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let finished = mem::replace(&mut self.finished, true);
        assert!(finished || thread::panicking(), "a test of a page ends with finish(), which looks at its console");
    }
}
