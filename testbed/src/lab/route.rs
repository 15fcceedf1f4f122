//! Who has to be asked for what: the shortest path over all links, by the number of links.

use std::collections::VecDeque;

/// For every one of `hosts` hosts, the link by which `from` reaches it first; `None` for `from` itself and for what it
/// cannot reach. `links` are pairs of hosts; only those for which `forwards` holds carry what is not theirs. Of paths of
/// one length, that over the first link is taken.
pub(super) fn first_links(
    hosts: usize,
    links: &[(usize, usize)],
    forwards: impl Fn(usize) -> bool,
    from: usize,
) -> Vec<Option<usize>> {
    let mut first = vec![None; hosts];
    let mut waiting = VecDeque::from([from]);
    while let Some(at) = waiting.pop_front() {
        if at != from && !forwards(at) {
            continue;
        }
        for (index, &(a, b)) in links.iter().enumerate() {
            let next = match at {
                _ if at == a => b,
                _ if at == b => a,
                _ => continue,
            };
            if next != from && first[next].is_none() {
                first[next] = first[at].or(Some(index));
                waiting.push_back(next);
            }
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::first_links;

    #[test]
    fn takes_the_shortest_path_through_routers_alone() {
        // 0 - 1 - 2 - 3, a short cut 0 - 4 - 3 over a host that does not forward, and 5 alone.
        let links = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 3)];
        let routers = |host| host != 4;
        assert_eq!(first_links(6, &links, routers, 0), [None, Some(0), Some(0), Some(0), Some(3), None]);
        assert_eq!(first_links(6, &links, |_| true, 0), [None, Some(0), Some(0), Some(3), Some(3), None]);
        assert_eq!(first_links(6, &links, routers, 3), [Some(2), Some(2), Some(2), None, Some(4), None]);
        assert_eq!(first_links(6, &links, routers, 5), [None; 6]);
    }
}
