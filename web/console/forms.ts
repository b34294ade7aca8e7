export function startForms(): void {}
