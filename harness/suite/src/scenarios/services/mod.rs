//! What even a stack can be asked whose applications are out of reach: services that run by themselves.

use crate::scenario::scenarios;

scenarios! {
    echo,
    echo_lost,
    echo_window,
}
