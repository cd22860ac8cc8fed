"""One BGP session as a sans-IO state machine: (event, now) in, actions out (RFC 4271, section 8)."""
