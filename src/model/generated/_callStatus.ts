export enum CallStatus {
    FAILED = "FAILED",
    REVERTED = "REVERTED",
    NOT_EXECUTED = "NOT_EXECUTED",
}
