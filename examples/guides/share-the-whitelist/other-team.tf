# The state of another team. It has only the entries of this team.
locals {
  partners = {
    acme    = "192.0.2.0/28"
    initech = "2001:db8:77::/48"
  }
}

resource "everflow_api_whitelist_entry" "partner" {
  for_each = local.partners

  ip_address = each.value
}

data "everflow_api_whitelist" "whole" {
  depends_on = [everflow_api_whitelist_entry.partner]
}

# The list in force, with the entries of all teams.
output "whole_whitelist" {
  value = data.everflow_api_whitelist.whole.ip_addresses
}
