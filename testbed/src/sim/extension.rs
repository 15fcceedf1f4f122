//! What a router appends to an ICMP error (RFC 4884): the MPLS label stack (RFC 4950).

use super::network::{Label, Labels, LabelsStyle};
use etherparse::checksum::Sum16BitWords;

/// The quote is at least so long where something is appended to it (RFC 4884, section 3), and exactly so long for those who
/// append without a length (section 5).
const QUOTE: usize = 128;

const VERSION: u8 = 2 << 4;
const MPLS_CLASS: u8 = 1;
const INCOMING_STACK: u8 = 1;

/// `quote` with the labels behind it, and the length to be given in the ICMP header, in words of `word` bytes: 4 in ICMP,
/// 8 in ICMPv6.
pub(super) fn append(mut quote: Vec<u8>, labels: &Labels, word: usize) -> (Vec<u8>, u8) {
    let length = match labels.style {
        LabelsStyle::Legacy => {
            quote.resize(QUOTE, 0);
            0
        }
        LabelsStyle::Compliant => {
            quote.resize(quote.len().max(QUOTE).next_multiple_of(word), 0);
            u8::try_from(quote.len() / word).unwrap_or(u8::MAX)
        }
    };
    quote.extend(extension(&labels.labels));
    (quote, length)
}

fn extension(labels: &[Label]) -> Vec<u8> {
    let object_length = u16::try_from(4 + 4 * labels.len()).unwrap_or(u16::MAX);
    let mut extension = vec![VERSION, 0, 0, 0];
    extension.extend(object_length.to_be_bytes());
    extension.extend([MPLS_CLASS, INCOMING_STACK]);
    for (at, label) in labels.iter().enumerate() {
        let bottom = u32::from(at + 1 == labels.len());
        let entry = label.label << 12 | u32::from(label.traffic_class) << 9 | bottom << 8 | u32::from(label.ttl);
        extension.extend(entry.to_be_bytes());
    }
    // `ones_complement` gives the number whose bytes in memory are those that belong into the packet.
    let checksum = Sum16BitWords::new().add_slice(&extension).ones_complement().to_ne_bytes();
    if let Some(place) = extension.get_mut(2..4) {
        place.copy_from_slice(&checksum);
    }
    extension
}

#[cfg(test)]
mod tests {
    use super::{Label, Labels, LabelsStyle, append};

    fn labels(style: LabelsStyle) -> Labels {
        let outer = Label { label: 0xabcde, traffic_class: 5, ttl: 1 };
        Labels { labels: vec![outer, Label { label: 16, traffic_class: 0, ttl: 255 }], style }
    }

    /// Version, checksum, length of the object, class and type; then the entries. The checksum is worked out by hand:
    /// 2000 + 000c + 0101 + abcd + ea01 + 0001 + 01ff = 1b8db, folded b8dc, its complement 4723.
    const EXPECTED: [u8; 16] =
        [0x20, 0x00, 0x47, 0x23, 0x00, 0x0c, 0x01, 0x01, 0xab, 0xcd, 0xea, 0x01, 0x00, 0x01, 0x01, 0xff];

    #[test]
    fn the_quote_is_padded_and_its_length_given() {
        for (style, quoted, word, padded, length) in [
            (LabelsStyle::Compliant, 28, 4, 128, 32),
            (LabelsStyle::Compliant, 48, 8, 128, 16),
            (LabelsStyle::Compliant, 129, 4, 132, 33),
            (LabelsStyle::Compliant, 129, 8, 136, 17),
            (LabelsStyle::Legacy, 28, 4, 128, 0),
            (LabelsStyle::Legacy, 300, 8, 128, 0),
        ] {
            let (body, given) = append(vec![7; quoted], &labels(style), word);
            assert_eq!((body.len(), given), (padded + EXPECTED.len(), length), "{style:?}, {quoted} bytes");
            assert!(body[..quoted.min(padded)].iter().all(|&byte| byte == 7));
            assert!(body[quoted.min(padded)..padded].iter().all(|&byte| byte == 0));
            assert_eq!(body[padded..], EXPECTED);
        }
    }
}
