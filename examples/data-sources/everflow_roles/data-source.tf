data "everflow_roles" "all" {}

output "roles_that_may_manage_api_keys" {
  value = [for role in data.everflow_roles.all.roles : role.name if contains(role.permissions, "Security")]
}
