import {
  to = everflow_api_key.account_manager
  identity = {
    id = "2" # from the data source everflow_api_keys
  }
}

data "everflow_employee" "account_manager" {
  email = "mia.manager@example.com"
}

# A key from before Everflow's Security section. Terraform does not learn its secret:
# key and key_sha256 are null.
resource "everflow_api_key" "account_manager" {
  name                = "Legacy API Key (Mia Manager)"
  network_employee_id = data.everflow_employee.account_manager.network_employee_id
  permissions         = ["Affiliates", "Offers"]

  lifecycle {
    create_before_destroy = true
  }
}
