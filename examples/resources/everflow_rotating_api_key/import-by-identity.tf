import {
  to = everflow_rotating_api_key.account_manager
  identity = {
    id = "2" # the data source everflow_api_keys lists the IDs
  }
}

data "everflow_employee" "account_manager" {
  email = "mia.manager@example.com"
}

# A key from before Everflow's Security section. If it is older than rotate_after,
# the apply that imports it renews it; it works on for the time of the overlap.
resource "everflow_rotating_api_key" "account_manager" {
  name                = "Legacy API Key (Mia Manager)"
  network_employee_id = data.everflow_employee.account_manager.network_employee_id
  permissions         = ["Affiliates", "Offers"]
  rotate_after        = "2160h"

  lifecycle {
    create_before_destroy = true
  }
}
