export enum SignatureOutcome {
    GOOD = "GOOD",
    BAD = "BAD",
    UNSUPPORTED = "UNSUPPORTED",
    UNAVAILABLE = "UNAVAILABLE",
}
