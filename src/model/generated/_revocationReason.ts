export enum RevocationReason {
    REVOKED = "REVOKED",
    SUPERSEDED = "SUPERSEDED",
}
