export enum Continuity {
    FIRST = "FIRST",
    SAME_KEY = "SAME_KEY",
    ISSUER_ATTESTED = "ISSUER_ATTESTED",
    UNPROVEN = "UNPROVEN",
}
