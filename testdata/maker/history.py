"""The demo's Tor history: a list of exits for every midnight, but for one that nobody fetched.

Exits come and go as real ones do, so that the same address is an exit in one week of the archive and none in the next.
"""

from datetime import date, timedelta

from .rows import fake_hex

FIRST, LAST, NOT_FETCHED = date(2026, 3, 2), date(2026, 4, 8), date(2026, 3, 14)

# First and last list that names the exit, of those that the cases are about; the others stay all the time.
STAYS = {
    "198.51.100.24": ("2026-03-15", "2026-03-27"),
    "198.51.100.41": ("2026-03-04", "2026-03-18"),
    "198.51.100.42": ("2026-03-08", "2026-03-18"),
    # Gone three weeks before somebody dials the address.
    "198.51.100.61": ("2026-03-02", "2026-03-05"),
    # Dialled some hours before the first list that names it.
    "198.51.100.62": ("2026-03-13", "2026-03-19"),
    "198.51.100.102": ("2026-03-26", "2026-04-05"),
    "198.51.100.103": ("2026-04-04", "2026-04-06"),
    "198.51.100.160": ("2026-03-19", "2026-04-03"),
    "198.51.100.171": ("2026-03-15", "2026-03-19"),
    "198.51.100.180": ("2026-04-03", "2026-04-07"),
    "198.51.100.190": ("2026-03-24", "2026-03-27"),
    "2001:db8:77::33": ("2026-03-21", "2026-04-04"),
}
ALWAYS = [
    "198.51.100.23",
    "198.51.100.150",
    "198.51.100.151",
    "198.51.100.152",
    "203.0.113.64/28",
    "2001:db8:77::34",
]
CROWD = [f"198.51.100.{n}" for n in range(200, 240)]


def days():
    return [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1) if FIRST + timedelta(n) != NOT_FETCHED]


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for day in days():
        text = "".join(f"{line}\n" for line in lines(day))
        (folder / f"{day.isoformat()}T00-00-00Z.txt").write_text(text, encoding="utf-8", newline="\n")


def lines(day):
    iso = day.isoformat()
    staying = [address for address, (first, last) in STAYS.items() if first <= iso <= last]
    found = sorted([*ALWAYS, *staying, *(address for address in CROWD if is_up(address, day))])
    if day == LAST:
        # What lists in the wild hold beside addresses: a header, a comment, a repetition, a blank line, a private address.
        return ["dest_ip", "# exits, an invented list", *found, "2001:DB8:77:0:0:0:0:34", "", "10.20.30.40"]
    return found


def is_up(address, day):
    """Each of the crowd has a week off now and then, at a time of its own."""
    start = int(fake_hex(f"stay {address}", 4), 16) % 35
    return ((day - FIRST).days + start) % 35 >= 7
