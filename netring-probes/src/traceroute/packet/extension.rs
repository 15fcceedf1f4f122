use super::{u16_at, u32_at};
use etherparse::checksum::Sum16BitWords;
use netring_core::model::MplsLabel;

/// Most entries that are taken: more than any network stacks, and what a result may hold.
const MAX_LABELS: usize = 16;

/// Whether extensions may lack a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// They may, as RFC 4884, section 7, allows. For where the message says itself that extensions follow.
    Optional,
    /// They may not. For where they are only guessed to be there.
    Required,
}

/// The MPLS label stack (RFC 4950) in the extensions (RFC 4884, section 7) of an ICMP message: none where `bytes` are no
/// extensions, their checksum is wrong, or they hold no such stack.
#[must_use]
pub fn labels(bytes: &[u8], checksum: Checksum) -> Vec<MplsLabel> {
    objects(bytes, checksum).map_or_else(Vec::new, stack)
}

/// Whether `bytes` are extensions, and the objects in them.
pub(super) fn objects(bytes: &[u8], checksum: Checksum) -> Option<&[u8]> {
    if bytes.first()? >> 4 != 2 {
        return None;
    }
    if u16_at(bytes, 2)? == 0 {
        (checksum == Checksum::Optional).then_some(())?;
    } else if Sum16BitWords::new().add_slice(bytes).ones_complement() != 0 {
        return None;
    }
    bytes.get(4..)
}

/// The first label stack among `objects`. An object that is longer than what is left ends the list.
fn stack(mut objects: &[u8]) -> Vec<MplsLabel> {
    const HEADER: usize = 4;
    const MPLS_INCOMING: (u8, u8) = (1, 1);
    while let (Some(length), Some(&[_, _, class, c_type])) = (u16_at(objects, 0), objects.first_chunk()) {
        let length = usize::from(length);
        let Some(body) = objects.get(HEADER..length) else { break };
        if (class, c_type) == MPLS_INCOMING {
            return body.chunks_exact(4).take(MAX_LABELS).filter_map(|entry| u32_at(entry, 0)).map(label).collect();
        }
        objects = objects.get(length..).unwrap_or_default();
    }
    Vec::new()
}

/// An entry of a label stack (RFC 3032, section 2.1).
fn label(entry: u32) -> MplsLabel {
    MplsLabel {
        label: entry >> 12,
        traffic_class: (entry >> 9 & 0b111) as u8,
        bottom_of_stack: entry >> 8 & 1 == 1,
        ttl: (entry & 0xff) as u8,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Extensions with these objects.
    pub(in super::super) fn extension(objects: &[(u8, u8, Vec<u8>)], with_checksum: bool) -> Vec<u8> {
        let mut bytes = vec![0x20, 0, 0, 0];
        for (class, c_type, body) in objects {
            bytes.extend(((body.len() + 4) as u16).to_be_bytes());
            bytes.extend([*class, *c_type]);
            bytes.extend(body);
        }
        if with_checksum {
            let checksum = Sum16BitWords::new().add_slice(&bytes).ones_complement().to_be();
            bytes[2..4].copy_from_slice(&checksum.to_be_bytes());
        }
        bytes
    }

    pub(in super::super) fn two_labels() -> (Vec<u8>, Vec<MplsLabel>) {
        let entries = [16_001_u32 << 12 | 5 << 9 | 1, 24_005 << 12 | 1 << 8 | 254];
        let bytes = entries.iter().flat_map(|entry| entry.to_be_bytes()).collect();
        let labels = vec![
            MplsLabel { label: 16_001, traffic_class: 5, bottom_of_stack: false, ttl: 1 },
            MplsLabel { label: 24_005, traffic_class: 0, bottom_of_stack: true, ttl: 254 },
        ];
        (bytes, labels)
    }

    #[test]
    fn a_label_stack_is_read_wherever_it_stands() {
        let (body, expected) = two_labels();
        assert_eq!(labels(&extension(&[(1, 1, body.clone())], true), Checksum::Required), expected);
        let behind_another = extension(&[(2, 1, vec![1, 2, 3, 4]), (1, 1, body)], true);
        assert_eq!(labels(&behind_another, Checksum::Required), expected);
    }

    #[test]
    fn a_checksum_may_be_missing_but_not_wrong() {
        let (body, expected) = two_labels();
        let mut bytes = extension(&[(1, 1, body)], false);
        assert_eq!(labels(&bytes, Checksum::Optional), expected);
        assert_eq!(labels(&bytes, Checksum::Required), []);
        bytes[3] = 1;
        assert_eq!(labels(&bytes, Checksum::Optional), []);
    }

    #[test]
    fn lengths_that_lie_end_the_list() {
        for length in [0_u16, 1, 3, 13, 500, u16::MAX] {
            let mut bytes = extension(&[(1, 1, two_labels().0)], false);
            bytes[4..6].copy_from_slice(&length.to_be_bytes());
            assert_eq!(labels(&bytes, Checksum::Optional), [], "{length}");
        }
        let (body, _) = two_labels();
        let many = extension(&[(1, 1, body.repeat(40))], true);
        assert_eq!(labels(&many, Checksum::Required).len(), MAX_LABELS);
    }

    proptest! {
        #[test]
        fn any_bytes_do(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(labels(&bytes, Checksum::Optional).len() <= MAX_LABELS);
        }
    }
}
