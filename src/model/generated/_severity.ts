export enum Severity {
    INFO = "INFO",
    WARNING = "WARNING",
    CRITICAL = "CRITICAL",
}
