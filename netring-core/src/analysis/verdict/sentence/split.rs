use super::{Numbers, Said};

impl Said<'_> {
    /// Some locations, and how many more.
    fn locations(&self, numbers: &[usize]) -> String {
        /// More of them say less.
        const MOST: usize = 4;
        let named = if numbers.len() > MOST { MOST - 1 } else { MOST };
        let names: Vec<_> = numbers.iter().take(named).map(|&number| self.location(number)).collect();
        let names = names.join(", ");
        if numbers.len() > MOST { format!("{names} and {} more", numbers.len() - named) } else { names }
    }

    /// That the ring is split, as far as the registry can know.
    pub(super) fn split(&self) -> String {
        let Some(sides) = self.sides else { return format!("The ring is split: {}.", self.fail()) };
        let Numbers { bad, known, others_bad, .. } = self.numbers;
        let none_of = |pairs: &str| match known {
            known if bad == known => format!("none of {known} pairs {pairs} works"),
            known => format!("{bad} of {known} pairs {pairs} fail"),
        };
        let [one, other] = sides.in_order().map(|side| self.locations(side));
        if sides.silent {
            let (far, near) = (self.locations(&sides.far), self.locations(&sides.near));
            let pairs = none_of(&format!("from {near} to them"));
            return format!("{far} are cut off from here, or down: {pairs}, and nothing is heard from them.");
        }
        let pairs = none_of(&format!("between {one} and {other}"));
        let within = if others_bad == 0 { "; within each side they do" } else { "" };
        format!("The ring is split in two: {pairs}{within}.")
    }
}
