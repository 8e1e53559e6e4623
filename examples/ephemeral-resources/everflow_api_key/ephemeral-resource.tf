data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

# Each apply creates this key and revokes it at the end. With applying, plans create none.
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
    command     = "test -n \"$EVERFLOW_API_KEY\" # replace this by a command that calls Everflow's API"
    environment = { EVERFLOW_API_KEY = ephemeral.everflow_api_key.check.key }
  }
}
