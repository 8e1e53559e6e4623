data "everflow_role" "account_manager" {
  name = "Account Manager"
}

output "account_manager_may" {
  value = data.everflow_role.account_manager.permissions
}
