export enum AutoIdKind {
    ROOT = "ROOT",
    LEAF = "LEAF",
}
