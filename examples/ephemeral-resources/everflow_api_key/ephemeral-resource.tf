data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

# Made and revoked by each apply. Plans make none: that is what applying is for.
# With OpenTofu, write tofu.applying.
ephemeral "everflow_api_key" "check" {
  name                = "Smoke test"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]
  ttl                 = "15m"
  applying            = terraform.applying
}

resource "terraform_data" "smoke_test" {
  provisioner "local-exec" {
    command     = "test -n \"$EVERFLOW_API_KEY\" # here goes what calls Everflow's API"
    environment = { EVERFLOW_API_KEY = ephemeral.everflow_api_key.check.key }
  }
}
