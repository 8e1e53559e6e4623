locals {
  always = ["203.0.113.10", "198.51.100.0/24"]

  # Entries that end, and when (RFC 3339).
  until = {
    "192.0.2.0/28"     = "2099-03-31T00:00:00Z" # the auditors
    "2001:db8:77::/48" = "2024-06-30T00:00:00Z" # a migration that has ended
  }
}

# The first apply after the time removes the entry.
resource "everflow_api_whitelist" "this" {
  ip_addresses = concat(local.always, [
    for address, end in local.until : address if timecmp(plantimestamp(), end) < 0
  ])
}
