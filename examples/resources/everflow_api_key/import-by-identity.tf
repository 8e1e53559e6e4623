import {
  to = everflow_api_key.account_manager
  identity = {
    id = "2" # the data source everflow_api_keys lists the IDs
  }
}

data "everflow_employee" "account_manager" {
  email = "mia.manager@example.com"
}

# A key from before Everflow's Security section. Its secret is known to nobody
# but its user, so that key and key_sha256 stay null.
resource "everflow_api_key" "account_manager" {
  name                = "Legacy API Key (Mia Manager)"
  network_employee_id = data.everflow_employee.account_manager.network_employee_id
  permissions         = ["Affiliates", "Offers"]

  lifecycle {
    create_before_destroy = true
  }
}
