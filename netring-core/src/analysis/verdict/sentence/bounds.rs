/// Most bytes of a sentence.
const MAX_BYTES: usize = 400;
/// Most characters of a name in it.
const MAX_NAME: usize = 32;

/// Names come from strangers, and may be longer than what a sentence can bear.
pub(super) fn short(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    name.chars().take(MAX_NAME - 1).chain(['…']).collect()
}

pub(in super::super) fn bounded(mut sentence: String) -> String {
    if sentence.len() > MAX_BYTES {
        let mut end = MAX_BYTES - '…'.len_utf8();
        while !sentence.is_char_boundary(end) {
            end -= 1;
        }
        sentence.truncate(end);
        sentence.push('…');
    }
    sentence
}
