// What the editor of texts uses of ProseMirror, and nothing else of it.
export { DOMParser, DOMSerializer, Fragment, Schema, Slice } from "prosemirror-model";
export { EditorState, NodeSelection, Plugin, Selection, TextSelection } from "prosemirror-state";
export { EditorView } from "prosemirror-view";
export { keymap } from "prosemirror-keymap";
export { baseKeymap, chainCommands, exitCode, lift, setBlockType, toggleMark } from "prosemirror-commands";
export { history, redo, undo } from "prosemirror-history";
export { liftListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
export { InputRule, inputRules, undoInputRule, wrappingInputRule } from "prosemirror-inputrules";
export { gapCursor } from "prosemirror-gapcursor";
