export enum EventSource {
    CALL = "CALL",
    STATE = "STATE",
    GENESIS = "GENESIS",
}
