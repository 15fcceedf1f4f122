//! Loss, jitter and round-trip times by ICMP echo.
