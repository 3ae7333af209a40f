export enum RegistryCall {
    REGISTER = "REGISTER",
    RENEW = "RENEW",
    REVOKE = "REVOKE",
    DEACTIVATE = "DEACTIVATE",
}
