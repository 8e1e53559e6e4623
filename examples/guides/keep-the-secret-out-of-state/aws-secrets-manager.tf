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

resource "aws_secretsmanager_secret" "partner_portal" {
  name = "everflow/partner-portal"
}

# The version is the key's ID, so that this is written in the run that has the secret. The
# empty text stands for a missing secret; Secrets Manager refuses to store it.
resource "aws_secretsmanager_secret_version" "partner_portal" {
  secret_id = aws_secretsmanager_secret.partner_portal.id

  secret_string_wo = (ephemeral.everflow_api_key_secret.partner_portal.key == null ? "" :
  ephemeral.everflow_api_key_secret.partner_portal.key)
  secret_string_wo_version = everflow_api_key.partner_portal.id

  lifecycle {
    create_before_destroy = true
  }
}

# Reads it back. The precondition below stops the plan if Secrets Manager does not have
# the key's secret.
ephemeral "aws_secretsmanager_secret_version" "partner_portal" {
  secret_id  = aws_secretsmanager_secret.partner_portal.id
  version_id = aws_secretsmanager_secret_version.partner_portal.version_id
}

output "partner_portal_key_id" {
  value = everflow_api_key.partner_portal.id

  precondition {
    condition     = sha256(ephemeral.aws_secretsmanager_secret_version.partner_portal.secret_string) == everflow_api_key.partner_portal.key_sha256
    error_message = "Secrets Manager does not have the secret of the key. Create a new key: terraform apply -replace=everflow_api_key.partner_portal"
  }
}
