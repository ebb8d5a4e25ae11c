//! Link types by the numbers that Wireshark gives them: its own list, older than the registry of LINKTYPE values.

/// None where Wireshark has no number for the link type.
pub fn wireshark_number(link: u32) -> Option<u16> {
    NUMBERS
        .binary_search_by_key(&link, |&(link, _)| link)
        .ok()
        .and_then(|at| NUMBERS.get(at))
        .map(|&(_, number)| number)
}

/// LINKTYPE value (ascending) and Wireshark's number.
const NUMBERS: &[(u32, u16)] = &[
    (0, 15),
    (1, 1),
    (6, 2),
    (7, 8),
    (8, 3),
    (9, 4),
    (10, 6),
    (12, 7),
    (14, 7),
    (50, 4),
    (51, 19),
    (100, 10),
    (101, 7),
    (104, 28),
    (105, 20),
    (106, 11),
    (107, 26),
    (108, 15),
    (113, 25),
    (117, 39),
    (119, 21),
    (127, 23),
    (129, 9),
    (149, 47),
    (160, 58),
    (163, 24),
    (226, 124),
    (228, 129),
    (229, 130),
    (231, 146),
    (239, 141),
    (253, 158),
    (258, 171),
    (276, 210),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_type_of_the_table_is_found() {
        for &(link, number) in NUMBERS {
            assert_eq!(wireshark_number(link), Some(number));
        }
        assert_eq!(wireshark_number(147), None);
    }
}
