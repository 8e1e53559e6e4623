locals {
  admitted = {
    ci             = "203.0.113.10" # Terraform runs here: it must stay in the list
    office         = "198.51.100.0/24"
    partner_portal = "203.0.113.64/28"
    data_center    = "2001:db8:40::/48"
  }
}

resource "everflow_api_whitelist" "this" {
  ip_addresses = values(local.admitted)

  # To destroy the list opens the API to every address. Consider:
  # deletion_protection = true
}
