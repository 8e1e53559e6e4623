data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

resource "everflow_api_key" "partner_portal" {
  name                = "Partner portal"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]
  store_key_in_state  = false

  lifecycle {
    create_before_destroy = true
  }
}

# The secret in the run that creates the key, and null in every other run.
ephemeral "everflow_api_key_secret" "partner_portal" {
  api_key_id = everflow_api_key.partner_portal.id
}

# A new ID of the key replaces this resource, and GitHub's command encrypts and stores the
# secret. If the command fails, the next apply runs it again.
resource "terraform_data" "partner_portal" {
  triggers_replace = everflow_api_key.partner_portal.id

  provisioner "local-exec" {
    command = <<-EOT
      test -n "$SECRET" || {
        echo "The secret is missing. Create a new key: terraform apply -replace=everflow_api_key.partner_portal" >&2
        exit 1
      }
      printf %s "$SECRET" | gh secret set EVERFLOW_API_KEY --repo example/partner-portal
    EOT
    environment = {
      SECRET = ephemeral.everflow_api_key_secret.partner_portal.key
    }
  }
}
