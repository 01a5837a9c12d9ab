import ts from 'typescript';

/** One small fault: a stretch of a file, and what stands there instead. */
export interface Mutation {
  /** Where the stretch begins and ends, in characters. */
  readonly from: number;
  readonly to: number;
  /** An expression for an expression; nothing where a statement is dropped. */
  readonly text: string;
  readonly statement: boolean;
}

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '&&': ['||'],
  '||': ['&&'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '+=': ['-='],
  '-=': ['+='],
  '*=': ['/='],
  '/=': ['*='],
  '&=': ['|='],
  '|=': ['&='],
  '^=': ['&='],
  '<<=': ['>>='],
  '>>=': ['<<='],
  '>>>=': ['<<='],
};

const METHODS: Readonly<Record<string, string>> = {
  ceil: 'floor',
  every: 'some',
  floor: 'ceil',
  max: 'min',
  min: 'max',
  round: 'floor',
  some: 'every',
  trunc: 'ceil',
};

/** Methods whose result is like what they are called on. */
const LEFT_OUT: readonly string[] = ['filter', 'reverse', 'slice', 'sort', 'toReversed', 'toSorted', 'trim'];

/**
 * Every small fault of a source file: operators, bounds, numbers, truth values, conditions, dropped statements,
 * returned values and look-alike methods. Types, strings and what goes into messages are left alone.
 */
export function mutationsOf(source: string): readonly Mutation[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: Mutation[] = [];
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    found.push(...mutationsAt(node));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isLeftAlone(node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) return true;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTemplateExpression(node)) return true;
  if (ts.isNewExpression(node)) return /Error$/.test(node.expression.getText());
  return ts.isCallExpression(node) && /^console\./.test(node.expression.getText());
}

function mutationsAt(node: ts.Node): readonly Mutation[] {
  const range = {from: node.getStart(), to: node.getEnd()};
  if (isDroppable(node)) return [{...range, text: '', statement: true}];
  if (!ts.isExpression(node) || node.parent === undefined) return [];
  const texts = new Set([...otherForms(node), ...otherConditions(node), ...otherResults(node)]);
  return [...texts].map(text => ({...range, text, statement: false}));
}

function otherForms(node: ts.Expression): readonly string[] {
  if (ts.isBinaryExpression(node)) return otherOperators(node);
  if (ts.isNumericLiteral(node)) return isPropertyName(node) ? [] : otherNumbers(Number(node.text));
  if (node.kind === ts.SyntaxKind.TrueKeyword) return ['false'];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return ['true'];
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return otherUnary(node);
  return ts.isCallExpression(node) ? otherCalls(node) : [];
}

/** Statements without which a function still compiles, mostly. */
function isDroppable(node: ts.Node): boolean {
  if (ts.isThrowStatement(node) || ts.isBreakStatement(node) || ts.isContinueStatement(node)) return true;
  if (ts.isReturnStatement(node)) return node.expression === undefined;
  return ts.isExpressionStatement(node) && !/^(super\(|'use )/.test(node.getText());
}

function otherOperators(node: ts.BinaryExpression): readonly string[] {
  const [left, operator, right] = [node.left.getText(), node.operatorToken.getText(), node.right.getText()];
  if (operator === '??') return [left];
  if (/^\+=?$/.test(operator) && /['`"]/.test(left + right)) return [];
  const {kind} = node.operatorToken;
  const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
  return (OPERATORS[operator] ?? []).map(other => `${assigns ? left : `(${left})`} ${other} (${right})`);
}

function isPropertyName(node: ts.Node): boolean {
  const {parent} = node;
  return (ts.isPropertyAssignment(parent) && parent.name === node) || ts.isLiteralTypeNode(parent);
}

function otherNumbers(value: number): readonly string[] {
  if (!Number.isSafeInteger(value)) return Number.isFinite(value) ? [String(value * 2)] : [];
  return value === 0 ? ['1'] : [String(value + 1), String(value - 1)];
}

function otherUnary(node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): readonly string[] {
  const operand = node.operand.getText();
  switch (node.operator) {
    case ts.SyntaxKind.ExclamationToken:
    case ts.SyntaxKind.TildeToken:
    case ts.SyntaxKind.MinusToken:
      return [operand];
    case ts.SyntaxKind.PlusPlusToken:
    case ts.SyntaxKind.MinusMinusToken: {
      // A loop that counts the other way never ends, which every test notices, slowly.
      if (ts.isForStatement(node.parent) || ts.isExpressionStatement(node.parent)) return [];
      const other = node.operator === ts.SyntaxKind.PlusPlusToken ? '--' : '++';
      return [ts.isPrefixUnaryExpression(node) ? `${other}${operand}` : `${operand}${other}`];
    }
    default:
      return [];
  }
}

function otherCalls({expression, arguments: given}: ts.CallExpression): readonly string[] {
  if (!ts.isPropertyAccessExpression(expression) || expression.questionDotToken !== undefined) return [];
  const [on, name] = [expression.expression.getText(), expression.name.text];
  if (LEFT_OUT.includes(name)) return on === 'Array' ? [] : [on];
  const other = METHODS[name];
  if (other === undefined || (on !== 'Math' && !['every', 'some'].includes(name))) return [];
  return [`${on}.${other}(${given.map(argument => argument.getText()).join(', ')})`];
}

/** Conditions of `if` and `?:` that always or never hold, or hold when they should not; loops that never run. */
function otherConditions(node: ts.Expression): readonly string[] {
  const {parent} = node;
  const isIf = ts.isIfStatement(parent) && parent.expression === node;
  const chooses = ts.isConditionalExpression(parent) && parent.condition === node;
  if (isIf || chooses) return ['true', 'false', `!(${node.getText()})`];
  return ts.isWhileStatement(parent) && parent.expression === node ? ['false'] : [];
}

/** Another value of the type that the function says it returns. */
function otherResults(node: ts.Expression): readonly string[] {
  const {parent} = node;
  const returned = ts.isReturnStatement(parent) || (ts.isArrowFunction(parent) && parent.body === node);
  const type = returned ? ts.findAncestor(parent, ts.isFunctionLike)?.type?.getText() : undefined;
  if (type === undefined) return [];
  const text = node.getText();
  const nothing = /\| (undefined|null)$/.exec(type)?.[1];
  return [
    ...(type === 'boolean' ? [`!(${text})`] : []),
    ...(type === 'number' ? [`(${text}) + 1`] : []),
    ...(/\[\]$/.test(type) && text !== '[]' ? ['[]'] : []),
    ...(nothing !== undefined && text !== nothing ? [nothing] : []),
  ];
}
