import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(js.configs.recommended, ...tseslint.configs.strict, {
  rules: { "max-lines": ["error", 150], "@typescript-eslint/no-non-null-assertion": "error" },
});
