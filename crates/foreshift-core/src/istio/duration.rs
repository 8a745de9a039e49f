//! Durations as Go writes them: `1.5s`, `2m30s`, `100ms`.

/// The length in nanoseconds; `None` for what Go's `time.ParseDuration` refuses.
pub(super) fn nanos(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "0" {
        return Some(0);
    }
    if unsigned.is_empty() {
        return None;
    }
    let mut rest = unsigned;
    let mut total = 0_i64;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at_checked(number_end)?;
        let unit_end = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (name, behind) = behind.split_at_checked(unit_end)?;
        total = total.checked_add(part(number, unit(name)?)?)?;
        rest = behind;
    }
    Some(if text.starts_with('-') { -total } else { total })
}

fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

fn part(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut total = 0_i64;
    for byte in whole.bytes() {
        total = total.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
    }
    total = total.checked_mul(unit)?;
    let mut place = unit;
    for byte in fraction.bytes() {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        place /= 10;
        total = total.checked_add(i64::from(digit) * place)?;
    }
    Some(total)
}
