import {
  to = everflow_api_key.account_manager
  id = "2"
}

resource "everflow_api_key" "account_manager" {
  name                = "Legacy API Key (Mia Manager)"
  network_employee_id = 3
  permissions         = ["Affiliates", "Offers"]

  lifecycle {
    create_before_destroy = true
  }
}
