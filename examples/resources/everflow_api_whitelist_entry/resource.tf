# The address that Terraform itself calls from: added first, removed last. To turn
# the list on by entries, the provider's egress_ip_addresses must be set to it.
resource "everflow_api_whitelist_entry" "ci" {
  ip_address = "203.0.113.10"
}

# What this team adds. Entries of other teams are left as they are.
resource "everflow_api_whitelist_entry" "ours" {
  for_each = toset(["198.51.100.0/24", "203.0.113.64/28", "2001:db8:40::/48"])

  ip_address = each.key
  depends_on = [everflow_api_whitelist_entry.ci]
}
