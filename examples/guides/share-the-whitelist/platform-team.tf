# The platform team's state: the address that Terraform calls from, for every team.
# It is added first and removed last.
resource "everflow_api_whitelist_entry" "ci" {
  ip_address = "203.0.113.10"
}

resource "everflow_api_whitelist_entry" "office" {
  for_each = toset(["198.51.100.0/24", "2001:db8:40::/48"])

  ip_address = each.key
  depends_on = [everflow_api_whitelist_entry.ci]
}
