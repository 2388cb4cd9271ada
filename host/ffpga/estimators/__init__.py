"""scikit-learn's estimators over a device: this room imports it, `import ffpga` does so only where one is asked for."""
