/* The layout of JavaScript, styles and XML. Found through NODE_PATH, which `make lint` sets. */
module.exports = {
    plugins: [require.resolve("@prettier/plugin-xml")],
    printWidth: 88,
    tabWidth: 4,
    bracketSpacing: false,
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
};
