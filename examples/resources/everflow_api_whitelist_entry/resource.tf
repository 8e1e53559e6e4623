# The address that Terraform itself calls from: added first, removed last. If the list is
# still empty, the provider needs this address as egress_ip_addresses.
resource "everflow_api_whitelist_entry" "ci" {
  ip_address = "203.0.113.10"
}

# The entries of this team. Those of other teams stay as they are.
resource "everflow_api_whitelist_entry" "ours" {
  for_each = toset(["198.51.100.0/24", "203.0.113.64/28", "2001:db8:40::/48"])

  ip_address = each.key
  depends_on = [everflow_api_whitelist_entry.ci]
}
