// What the keys and the buttons of the editor do to a text.
import {
  InputRule, Selection, TextSelection, baseKeymap, chainCommands, inputRules, keymap, liftListItem, redo, setBlockType,
  splitListItem, toggleMark, undo, undoInputRule, wrapInList, wrappingInputRule,
} from "./prosemirror.js";

const TYPED = /\{\{\s*([\p{L}\p{N}_]+)\s*\}\}$/u;

/** The node of one of these kinds around the selection, and where it begins. */
function around(state, kinds) {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    if (kinds.includes($from.node(depth).type)) return { node: $from.node(depth), start: $from.before(depth) };
  }
  return null;
}

export const isIn = (state, kind) => around(state, [kind]) !== null;

export function hasMark(state, kind) {
  const { from, to, empty, $from } = state.selection;
  if (empty) return Boolean(kind.isInSet(state.storedMarks ?? $from.marks()));
  return state.doc.rangeHasMark(from, to, kind);
}

/** Make a list of the paragraphs chosen, turn a list into one of the other kind, or take an item out of it. */
export function toggleList(schema, kind) {
  const { bullet_list: bullets, ordered_list: numbers, list_item: item, paragraph } = schema.nodes;
  return (state, dispatch, view) => {
    const list = around(state, [bullets, numbers]);
    if (!list) {
      const { heading } = schema.nodes;
      if (heading && isIn(state, heading)) return setBlockType(paragraph)(state, dispatch);
      return wrapInList(kind)(state, dispatch);
    }
    if (list.node.type === kind) return liftListItem(item)(state, dispatch, view);
    dispatch?.(state.tr.setNodeMarkup(list.start, kind));
    return true;
  };
}

export function toggleHeading(schema) {
  const { heading, paragraph } = schema.nodes;
  return (state, dispatch) => setBlockType(isIn(state, heading) ? paragraph : heading)(state, dispatch);
}

/** Put a variable where the cursor is; one that makes a paragraph stands between paragraphs. */
export function insertVariable(form, name) {
  const { placed, variable, paragraph } = form.schema.nodes;
  return (state, dispatch) => {
    const transaction = state.tr;
    if (!Object.hasOwn(form.blocks, name)) {
      transaction.replaceSelectionWith(variable.create({ name }), true);
    } else {
      transaction.replaceSelectionWith(placed.create({ name }), false);
      let end = 0;
      transaction.mapping.maps.at(-1).forEach((_from, _to, _start, after) => { end = after; });
      const $end = transaction.doc.resolve(end);
      if ($end.depth === 0 && !$end.nodeAfter?.isTextblock) transaction.insert(end, paragraph.create());
      transaction.setSelection(Selection.near(transaction.doc.resolve(end), 1));
    }
    dispatch?.(transaction.scrollIntoView());
    return true;
  };
}

/** What is typed as a tag becomes a variable; a dash or « 1. » at the beginning of a paragraph, a list. */
export function typingRules(form) {
  const { nodes } = form.schema;
  const rules = [new InputRule(TYPED, (state, match, start, end) => typedVariable(form, state, match[1], start, end))];
  if (nodes.bullet_list) {
    rules.push(wrappingInputRule(/^\s*[-•]\s$/, nodes.bullet_list), wrappingInputRule(/^1[.)]\s$/, nodes.ordered_list));
  }
  return inputRules({ rules });
}

function typedVariable(form, state, name, start, end) {
  const { placed, variable, paragraph } = form.schema.nodes;
  const $start = state.doc.resolve(start);
  const isAlone = $start.depth === 1 && $start.parent.type === paragraph
    && $start.parentOffset === 0 && end === $start.end();
  if (!isAlone || !Object.hasOwn(form.blocks, name)) return state.tr.replaceWith(start, end, variable.create({ name }));
  const transaction = state.tr.replaceWith($start.before(), $start.after(), [placed.create({ name }), paragraph.create()]);
  return transaction.setSelection(TextSelection.create(transaction.doc, $start.before() + 2));
}

/** The keys; `leave` and `toToolbar` move the focus, `askLink` asks where a link leads. */
export function keys(form, { leave, toToolbar, askLink }) {
  const { nodes, marks } = form.schema;
  const breakLine = (state, dispatch) => {
    dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
    return true;
  };
  const bound = {
    Escape: leave, "Alt-F10": toToolbar, Backspace: undoInputRule,
    "Mod-z": undo, "Shift-Mod-z": redo, "Mod-y": redo, "Shift-Enter": breakLine,
  };
  if (marks.strong) bound["Mod-b"] = toggleMark(marks.strong);
  if (marks.em) bound["Mod-i"] = toggleMark(marks.em);
  if (marks.underline) bound["Mod-u"] = toggleMark(marks.underline);
  if (marks.link) bound["Mod-k"] = askLink;
  if (nodes.list_item) {
    bound.Enter = splitListItem(nodes.list_item);
    bound.Backspace = chainCommands(undoInputRule, liftFromStart(nodes.list_item));
  }
  return [keymap(bound), keymap(baseKeymap)];
}

// At the beginning of an item, the key that deletes takes it out of its list.
function liftFromStart(item) {
  return (state, dispatch, view) => {
    const { $cursor } = state.selection;
    if (!$cursor || $cursor.parentOffset > 0 || $cursor.depth < 2 || $cursor.node(-1).type !== item) return false;
    return $cursor.index(-2) === 0 && liftListItem(item)(state, dispatch, view);
  };
}
