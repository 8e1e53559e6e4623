# Every key of an employee who has left. One command revokes all of them:
#
#   terraform apply -invoke=action.everflow_revoke_api_key.leaver
data "everflow_employee" "leaver" {
  email = "lee.leaver@example.com"
}

data "everflow_api_keys" "leaver" {
  network_employee_id = data.everflow_employee.leaver.network_employee_id
  status              = "active"
}

action "everflow_revoke_api_key" "leaver" {
  for_each = toset(data.everflow_api_keys.leaver.api_keys[*].id)

  config {
    api_key_id = each.key
  }
}
