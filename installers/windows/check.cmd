@echo off
rem check: say which keeplit is here and how it stands at logon; 0 where all is well, 1 where something is to be done.
setlocal
if not "%~1"=="" (
    echo usage: check 1>&2
    exit /b 2
)
where keeplit.exe
if errorlevel 1 (
    echo check: keeplit is not on the PATH. Do: install.cmd 1>&2
    exit /b 1
)
keeplit.exe --version
keeplit.exe autostart status
if not %errorlevel%==0 exit /b 1
keeplit.exe autostart status --json | findstr /c:"\"enabled\": false" /c:"\"current\": false" >nul
if not errorlevel 1 (
    echo check: not everything starts at logon. Do: keeplit autostart enable 1>&2
    exit /b 1
)
keeplit.exe autostart status --json | findstr /c:"\"daemon\", \"enabled\": true, \"running\": false" >nul
if not errorlevel 1 (
    echo check: the daemon does not run. Do: keeplit logs, then: keeplit autostart enable 1>&2
    exit /b 1
)
exit /b 0
