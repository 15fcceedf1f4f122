//! mimalloc, which counts what it is asked for: each byte of an answer that is not shared is written to memory of its own first.

use mimalloc::MiMalloc;
use std::{
    alloc::{GlobalAlloc, Layout},
    sync::atomic::{AtomicUsize, Ordering},
};

pub(crate) struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

/// Bytes that were asked for so far, also those that were given back.
pub(crate) fn allocated() -> i64 {
    ALLOCATED.load(Ordering::Relaxed).try_into().expect("less than 8 EiB")
}

fn count(bytes: usize) {
    ALLOCATED.fetch_add(bytes, Ordering::Relaxed);
}

#[expect(unsafe_code, reason = "there is no other way to be the allocator")]
// SAFETY: everything is left to mimalloc, whose answers are given on as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: what the caller promises is what mimalloc asks for; so it is in each of these.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as above.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // It is copied where it cannot grow in its place.
        count(size);
        // SAFETY: as above.
        unsafe { MiMalloc.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { MiMalloc.dealloc(memory, layout) }
    }
}
