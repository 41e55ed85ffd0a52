var b=class extends Error{name="GpuError"},R=class extends b{name="GpuOutOfMemoryError"},C=class extends b{name="GpuLostError"};function $(r){return r.reduce((e,t)=>e*t,1)}function A(r){return Math.ceil(r/4)*4}function T(r){return r.join("×")}function B(r,e){return Math.ceil(r/e)}function ve(r){let e=[],t=[],a=new Array(r.length).fill(-1),o=r.map((n,i)=>i).sort((n,i)=>r[n].first-r[i].first||r[i].bytes-r[n].bytes);for(let n of o){let{bytes:i,first:s,last:d}=r[n],c=-1;for(let l=0;l<e.length;l++){if(t[l]>=s)continue;if(c<0){c=l;continue}let u=e[l]>=i,p=e[c]>=i;(u?!p||e[l]<e[c]:!p&&e[l]>e[c])&&(c=l)}c<0&&(c=e.length,e.push(0),t.push(-1)),e[c]=Math.max(e[c],i),t[c]=d,a[n]=c}return{assignment:a,sizes:e}}function be(r,e){return e==="flat"?$(r)*4:$(r.slice(0,-1))*A(r[r.length-1])*4}function j(r,e,t){let a=A(e);if(a===e)return t?.set(r),t??r;let o=r.length/e,n=t??new Float32Array(o*a);for(let i=0,s=0,d=0;i<o;i++,d+=a-e)for(let c=0;c<e;c++)n[d++]=r[s++];return n}function K(r,e){let t=A(e);if(t===e)return r;let a=r.length/t,o=new Float32Array(a*e);for(let n=0,i=0,s=0;n<a;n++,i+=t-e)for(let d=0;d<e;d++)o[s++]=r[i++];return o}var vt=64,bt=65535,q=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new b(`Cannot record the tensor ${t}: its shape ${T(e)} must have positive extents`);let o=a.layout??"image",n={id:this.tensors.length,name:t,shape:e,layout:o,lifetime:a.lifetime??"planned",bytes:be(e,o),...a.external?{external:a.external}:{}};return this.tensors.push(n),n}input(e,t){let a=this.tensor(t,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return t()}finally{this.#t=a}}dispatch(e,t,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(t).join())throw new b(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(t).join()}`);let i=e.params.map(l=>l.split(":")[0]).find(l=>a.params[l]===void 0);if(i)throw new b(`Cannot record ${e.name}: the parameter ${i} is not given`);let s=o.filter(l=>e.bindings[l]==="read_write").map(l=>O(t[l]).tensor);for(let l of o){let{tensor:u}=O(t[l]);if(e.bindings[l]!=="read_write"?s.includes(u):s.filter(p=>p===u).length>1)throw new b(`Cannot record ${e.name}: ${u.name} is bound for reading and writing at once`)}let[d,c]=xt(Math.ceil(a.invocations/vt));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:t,workgroups:[d,c,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,t){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let o=this.#r.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>t(o.gradient))})}gradientOf(e){let t=this.#r.get(e);t||this.#r.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function xt(r){let e=Math.max(1,Math.ceil(r/bt));return[Math.max(1,Math.ceil(r/e)),e]}function O(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function E(r){return r.bytes/16}var ae=256;async function xe(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:u,constants:p}of e.dispatches)a.push(await r.kernel(u,p));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let o=[],n=(u,p,m)=>{let w=r.buffer(u,p,m);return o.push(w),w},i=()=>o.forEach(u=>r.release(u)),s,d;try{let u=_t(e,n),p=new DataView(new ArrayBuffer(e.dispatches.length*ae));e.dispatches.forEach(({kernel:y,params:h},g)=>{y.params.forEach((f,v)=>{let[x,_]=f.split(":"),S=g*ae+v*4;_==="f32"?p.setFloat32(S,h[x],!0):p.setInt32(S,h[x],!0)})});let m=n("uniforms",Math.max(p.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);r.write(m,0,new Uint32Array(p.buffer));let w=e.dispatches.map((y,h)=>({dispatch:y,compiled:a[h],group:t.createBindGroup({label:y.label,layout:a[h].layout,entries:[{binding:0,resource:{buffer:m,offset:h*ae,size:y.kernel.params.length*4}},...Object.values(y.bindings).map((g,f)=>{let{tensor:v,offset:x,size:_}=O(g);return{binding:f+1,resource:{buffer:u.get(v),offset:x,size:_}}})]})}));s=new oe(r,e,w,u,o)}catch(u){d=u}let c=await t.popErrorScope(),l=await t.popErrorScope();if(c?d=new R(`The GPU is out of memory for a plan: ${c.message}`):l&&(d??=new b(`Cannot build a plan: ${l.message}`)),d)throw i(),d;return s}function _t(r,e){let t=new Map,a=new Map;r.dispatches.forEach((l,u)=>{for(let p of Object.values(l.bindings)){let{tensor:m}=O(p);t.has(m)||t.set(m,u),a.set(m,u)}});for(let l of r.outputs.values())a.set(l,r.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,n=new Map,i=r.tensors.filter(l=>{if(l.external)n.set(l,l.external);else if(l.lifetime==="persistent")n.set(l,e(l.name,l.bytes,o));else return t.has(l);return!1}),{assignment:s,sizes:d}=ve(i.map(l=>({bytes:l.bytes,first:t.get(l),last:a.get(l)}))),c=d.map((l,u)=>e(`shared ${u}`,l,o));return i.forEach((l,u)=>n.set(l,c[s[u]])),n}var oe=class{#e;#r;#t;#o;#a;#n=new Map;#i=new Map;#s=!0;constructor(e,t,a,o,n){this.#e=e,this.#r=t,this.#t=a,this.#o=o,this.#a=n}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new b(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),n=t;if(a.layout==="image"){let i=a.shape[a.shape.length-1],s=this.#i.get(e);if(s||this.#i.set(e,s=new Float32Array(a.bytes/4)),t.length!==a.shape.reduce((d,c)=>d*c,1))throw new b(`Cannot write ${e}: it is ${T(a.shape)}, got ${t.length} values`);n=j(t,i,s)}this.#e.write(this.#o.get(a),0,n),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),t=this.#e.device.createCommandEncoder(),a=t.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#s||(a.setPipeline(o.compiled.pipeline),a.setBindGroup(0,o.group),a.dispatchWorkgroups(...o.dispatch.workgroups));a.end(),this.#e.device.queue.submit([t.finish()]),this.#s=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#s=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new b(`Cannot read ${e}: the plan has no such output`);let{device:a,times:o}=this.#e,n=await this.#l(e,t),i=performance.now(),s=a.createCommandEncoder();s.copyBufferToBuffer(this.#o.get(t),0,n,0,t.bytes),a.queue.submit([s.finish()]);try{await n.mapAsync(GPUMapMode.READ)}catch(u){throw this.#e.check(),u}let d=performance.now();o.compute+=(d-i)/1e3;let c=new Float32Array(n.getMappedRange(0,t.bytes).slice(0));n.unmap(),this.#e.check();let l=t.layout==="image"?K(c,t.shape[t.shape.length-1]):c;return o.download+=(performance.now()-d)/1e3,l}async#l(e,t){let a=this.#n.get(e);if(a)return a;let{device:o}=this.#e;o.pushErrorScope("out-of-memory");let n=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#a.push(n);let i=await o.popErrorScope();if(i)throw new R(`The GPU is out of memory to read ${e}: ${i.message}`);return this.#n.set(e,n),n}describe(){let e=this.#a.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([n,i])=>`${n} ${O(i).tensor.name} ${T(O(i).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,t)=>e+t.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new b("Cannot profile: the adapter has no timestamp queries");let t=this.#t.filter(({dispatch:c})=>!c.once||this.#s),a=e.createQuerySet({type:"timestamp",count:t.length*2}),o=t.length*16,n=this.#e.buffer("timestamps",o,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),i=this.#e.buffer("read timestamps",o,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),s=e.createCommandEncoder();t.forEach(({dispatch:c,compiled:l,group:u},p)=>{let m=s.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:p*2,endOfPassWriteIndex:p*2+1}});m.setPipeline(l.pipeline),m.setBindGroup(0,u),m.dispatchWorkgroups(...c.workgroups),m.end()}),s.resolveQuerySet(a,0,t.length*2,n,0),s.copyBufferToBuffer(n,0,i,0,o),e.queue.submit([s.finish()]),await i.mapAsync(GPUMapMode.READ);let d=new BigUint64Array(i.getMappedRange().slice(0));i.unmap();for(let c of[n,i])this.#e.release(c);return a.destroy(),this.#s=!1,t.map(({dispatch:c},l)=>{let u=Number(d[l*2+1]-d[l*2]);return{label:c.label,kernel:c.kernel.name,milliseconds:u/1e6,gflops:u>0?c.flops/u:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var _e={none:0,relu:1,"leaky-relu":2};function ne(r){return _e[r]}var ke=new WeakMap;function Te(r,e){ke.set(r,e)}function kt(r){return ke.get(r)??"none"}function M(r,e){let t=kt(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:_e[t]}}}var Tt={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},At={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Ae(r,e,t,a="add",o=new Set){if(e.shape.join()!==t.shape.join())throw new b(`Cannot record add "${a}": its terms are ${T(e.shape)} and ${T(t.shape)}`);let n=r.tensor(e.shape,a),i=E(n);return r.within(a,()=>{r.dispatch(Tt,{a:e,b:t,y:n},{params:{count:i},invocations:i}),r.gradient(n,s=>{for(let d of[e,t]){if(o.has(d))continue;let{gradient:c,accumulate:l}=r.gradientOf(d),{activated:u,constants:p}=M(d,s);r.dispatch(At,{dy:s,activated:u,dx:c},{params:{count:i,accumulate:Number(l)},constants:p,invocations:i})}})}),n}function Se(r){return{name:r,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"]}}var Pe=Se("conv2d_tile8"),$e=Se("conv2d_tile8x4"),Ue={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},Re={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},Oe={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Ee={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},Ne={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Me={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};var St={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function se(r,e,t,a,o=!1){let n=O(t).size/16;r.dispatch(St,{partials:e,total:t},{params:{count:n,slices:a,accumulate:Number(o)},invocations:n})}function ie(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var Pt={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},$t={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Ce=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:A(a)/4});function Ge(r,e,t,a="up"){let[o,n,i,s]=e.shape,d=r.tensor([o,n*2,i*2,s],a);return r.within(a,()=>{r.dispatch(Pt,{x:e,y:d},{params:Ce(e),constants:{BILINEAR:+(t==="bilinear")},invocations:E(d)}),r.gradient(d,c=>le(r,c,e,t))}),d}function le(r,e,t,a){let{gradient:o,accumulate:n}=r.gradientOf(t),{activated:i,constants:s}=M(t,e);r.dispatch($t,{dy:e,activated:i,dx:o},{params:{...Ce(t),accumulate:Number(n)},constants:{...s,BILINEAR:+(a==="bilinear")},invocations:E(t)})}var H=65536,Ut=2048,P=r=>"upsampled"in r?r.upsampled:r,z=r=>"upsampled"in r?1:0,U=r=>A(r.shape[3])/4;function ce(r){let{shape:e}=P(r),t=1<<z(r);return[e[1]*t,e[2]*t]}function Rt(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new b(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[o,n]=ce(r[0]),i=P(r[0]).shape[0];for(let s of r){let[d,c]=ce(s),{shape:l}=P(s);if(l.length!==4||d!==o||c!==n||l[0]!==i)throw new b(`Cannot record conv2d "${e}": its inputs are ${T(P(r[0]).shape)} and ${T(l)}`)}if(r.length===2&&z(r[1]))throw new b(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[i,B(o,t),B(n,t),a]}function Fe(r,e,t,a,{variant:o="auto",withoutGradient:n=new Set}={}){let{name:i,kernel:s,stride:d,activation:c}=a,l=Rt(e,a);Et(e,t,a);let u=r.tensor(l,i);Te(u,c);let p=t.range(r,`${i}.weight`),m=t.range(r,`${i}.bias`),w=o==="auto"?t.adapter.lavapipe?"tile8x4":"tile8":o,y={rec:r,sources:e,options:a,y:u,weight:p,bias:m,tall:w==="tile8x4",...Ot(e,u)},h=o!=="naive"&&s===3&&d===1,g=f=>h&&Ie(f)*16<=H;return r.within(i,()=>{if(g(y.in4)){let f=e.length-1;Ke(y,{sources:e,target:u,activated:P(e[0]),first4:0,accumulate:!1,modes:e.map((v,x)=>x===0?Mt:Ct),activations:e.map((v,x)=>x===f?ne(c):0)})}else Nt(y);r.gradient(u,f=>{Bt(y,f,t,h);let v=0;for(let x of e){let _=P(x);n.has(_)||Gt(y,f,x,v,g(y.out4)),v+=U(_)}})}),u}function Ot(r,e){let[t,a]=ce(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((o,n)=>o+U(P(n)),0),out4:U(e)}}function Et(r,e,{name:t,kernel:a,outChannels:o}){let n=r.map(d=>P(d).shape[3]),i=e.specs.find(d=>d.name===`${t}.weight`),s=[a,a,n.reduce((d,c)=>d+c,0),o];if(!i||i.shape.join()!==s.join()||(i.sources??[s[2]]).join()!==n.join())throw new b(`Cannot record conv2d "${t}": input has ${n.join(" + ")} channels, so the weight is ${T(s)}; got ${i?T(i.shape):"none"}`)}function de({batch:r,out_height:e,out_width:t,options:a,sources:o},n){let i=n??o.reduce((s,d)=>s+P(d).shape[3],0);return 2*r*e*t*a.kernel**2*i*a.outChannels}function Nt(r){let{rec:e,sources:t,options:a,y:o,weight:n,bias:i}=r,[s,d=s]=t.map(P);e.dispatch(Re,{a:s,b:d,w:n,bias:i,y:o},{params:{...V(r,["batch","height","width","out_height","out_width","out4"]),a4:U(s),b4:t[1]?U(d):0,a_shift:z(t[0]),kernel:a.kernel,stride:a.stride},constants:{ACTIVATION:ne(a.activation)},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:de(r)})}function V(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}function Ie(r){return Math.ceil((72*r+2)/16)*16}var De=0,Mt=1,Ct=2;function Ke(r,e){let{rec:t,batch:a,height:o,width:n,in4:i,out4:s}=r,d=U(e.target),c=e.sources.reduce((g,f)=>g+U(P(f)),0),l=Ie(c),u=Math.ceil(d/2),p=!t.training,m=Math.floor(H/(l*16)),w=Math.floor((u-1)/m)*m*l*16,y=t.tensor([(w+H)/4],`${r.options.name}.packed`,{layout:"flat",lifetime:p?"persistent":"planned"});t.dispatch(Ue,{weight:r.weight,bias:r.bias,packed:y},{params:{in4:i,out4:s,source4:c,target4:d,first4:e.first4,block_vec4s:l,count:u*l},constants:{FORWARD:+(e.modes[0]!==De)},invocations:u*l,once:p});let h=0;e.sources.forEach((g,f)=>{let v=P(g),x=U(v);for(let _=0;_<u;_+=m){let S=Math.min(m,u-_);t.dispatch(r.tall?$e:Pe,{x:v,w:{tensor:y,offset:_*l*16,size:H},activated:e.activated,y:e.target},{params:{batch:a,height:o,width:n,x4:x,first4:h,in4:c,shift:z(g),out4:d,first_block:_,block_vec4s:l,accumulate:Number(e.accumulate),activation:e.activations[f]},constants:{MODE:e.modes[f]},invocations:a*Math.ceil(o/(r.tall?4:1))*Math.ceil(n/8),groups:S,flops:18*a*o*n*x*4*Math.min(S*8,(d-_*2)*4)})}h+=x})}function Gt(r,e,t,a,o){let{rec:n,options:i}=r,s=P(t),c="upsampled"in t?n.tensor([r.batch,r.height,r.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:l,accumulate:u}=c?{gradient:c,accumulate:!1}:n.gradientOf(s),{activated:p,constants:m}=c?{activated:e,constants:{ACTIVATION:0}}:M(s,e);o?Ke(r,{sources:[e],modes:[De],activations:[m.ACTIVATION],activated:p,target:l,first4:a,accumulate:u}):n.dispatch(Oe,{dy:e,w:r.weight,activated:p,dx:l},{params:{...V(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:U(s),first4:a,kernel:i.kernel,stride:i.stride,accumulate:Number(u)},constants:m,invocations:r.batch*r.height*r.width*U(s),flops:de(r,s.shape[3])}),c&&le(n,c,s,"nearest")}function Be(r,e){return 3*Math.ceil(r/2)*Math.ceil(e/2)}function Bt(r,e,t,a){let{rec:o,options:n,in4:i,out4:s}=r,d=n.kernel**2,{slices:c,each:l}=ie(r.batch*r.out_height,Math.ceil(Ut/(a?Be(i,s):i*s*d))),u=o.tensor([c,d,i*4,s*4],`${n.name}.weight partials`,{layout:"flat"}),p=0;for(let h of r.sources){let g=P(h),f=U(g),v={out4:s,shift:z(h),in4:f,first4:p,total4:i,slices:c,rows:l},x=de(r,g.shape[3]);a?o.dispatch(Ee,{x:g,dy:e,partials:u},{params:{...V(r,["batch","height","width"]),...v},invocations:Be(f,s)*c,flops:x}):o.dispatch(Ne,{x:g,dy:e,partials:u},{params:{...V(r,["batch","height","width","out_height","out_width"]),...v,kernel:n.kernel,stride:n.stride},invocations:d*f*s*c,flops:x}),p+=f}se(o,u,t.range(o,`${n.name}.weight`,"gradients"),c);let m=r.batch*r.out_height*r.out_width,w=ie(m,Math.ceil(256/s)),y=o.tensor([w.slices,s*4],`${n.name}.bias partials`,{layout:"flat"});o.dispatch(Me,{dy:e,partials:y},{params:{pixels:m,out4:s,slices:w.slices,slice_pixels:w.each},invocations:s*w.slices}),se(o,y,t.range(o,`${n.name}.bias`,"gradients"),w.slices)}var Ft={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},It={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function ze(r,e,t="pool"){let[a,o,n,i]=e.shape,s=A(i)/4,d=r.tensor([a,B(o,2),B(n,2),i],t),c=r.tensor([E(d)],`${t}.argmax`,{layout:"flat"}),l={batch:a,height:o,width:n,c4:s};return r.within(t,()=>{r.dispatch(Ft,{x:e,y:d,argmax:c},{params:l,invocations:E(d)}),r.gradient(d,u=>{let{gradient:p,accumulate:m}=r.gradientOf(e),{activated:w,constants:y}=M(e,u);r.dispatch(It,{dy:u,argmax:c,activated:w,dx:p},{params:{...l,accumulate:Number(m)},constants:y,invocations:E(e)})})}),d}var We=64,J=class{specs;length;#e;#r=new Map;#t=new Map;#o=new WeakMap;constructor(e,t){this.#e=e,this.specs=t;let a=0;for(let o of t){let n=Le(o);this.#r.set(o.name,{spec:o,offset:a,length:n}),a+=Math.ceil(n/We)*We}this.length=a}get adapter(){return this.#e.adapter}range(e,t,a="values"){let{offset:o,length:n}=this.#a(t);return{tensor:this.whole(e,a),offset:o*4,size:n*4}}whole(e,t){let a=this.#o.get(e);a||this.#o.set(e,a=new Map);let o=a.get(t);return o||(o=e.tensor([this.length],`parameters.${t}`,{layout:"flat",lifetime:"persistent",external:this.#n(t)}),a.set(t,o)),o}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:n}of this.#r.values()){let i=e.get(o.name);if(!i||i.length!==$(o.shape))throw new b(`Cannot upload ${o.name}: it has ${$(o.shape)} values, got ${i?.length??"none"}`);a.set(Kt(i,o),n)}this.#e.write(this.#n(t),0,a)}async download(e="values"){let t=this.length*4,{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let n=a.createCommandEncoder();n.copyBufferToBuffer(this.#n(e),0,o,0,t),a.queue.submit([n.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let i=new Float32Array(o.getMappedRange(0,t).slice(0));return new Map([...this.#r.values()].map(({spec:s,offset:d,length:c})=>[s.name,zt(i.subarray(d,d+c),s)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let t=this.#r.get(e);if(!t)throw new b(`Cannot find the parameter ${e}`);return t}#n(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,t)}return t}};function Dt(r){return r.reduce((e,t)=>e+A(t),0)}function Le({shape:r,sources:e}){if(r.length===1)return A(r[0]);let[t,a,o,n]=r;return t*a*Dt(e??[o])*A(n)}function Kt(r,e){let{shape:t,sources:a}=e,o=t[t.length-1],n=j(r,o);if(t.length===1)return n;let i=A(o),s=new Float32Array(Le(e));return je(t,a,(d,c)=>s.set(n.subarray(d*i,(d+1)*i),c*i)),s}function zt(r,e){let{shape:t,sources:a}=e,o=t[t.length-1];if(t.length===1)return K(r,o).slice(0,o);let n=A(o),i=new Float32Array($(t.slice(0,-1))*n);return je(t,a,(s,d)=>i.set(r.subarray(d*n,(d+1)*n),s*n)),K(i,o).slice()}function je(r,e,t){let a=r[0]*r[1],o=0,n=0;for(let i=0;i<a;i++)for(let s of e??[r[2]]){for(let d=0;d<s;d++)t(o++,n+d);n+=A(s)}}function G(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:o,activation:n,down:i,up:s,residual:d,residualBlocks:c}=r,l=[],u=[],p=(f,v,x,_,S,N=1,re=3)=>{l.push({op:"conv2d",name:f,inputs:v,output:f,kernel:re,stride:N,inChannels:x,outChannels:_,activation:S});let gt=x.reduce((yt,wt)=>yt+wt,0);return u.push({name:`${f}.weight`,shape:[re,re,gt,_]},{name:`${f}.bias`,shape:[_]}),f},m=(f,v,x)=>{let _=p(f,[v],[x],x,n);return c?(l.push({op:"add",inputs:[v,_],output:`${f}.sum`}),`${f}.sum`):_},w=t.length-1,y=[],h="image",g=e;for(let f=0;f<=w;f++){f>0&&(y.push(h),i==="stride"?(h=p(`down${f}`,[h],[g],t[f],n,2),g=t[f]):(l.push({op:"maxPool",input:h,output:`pool${f}`}),h=`pool${f}`)),h=p(`enc${f}.0`,[h],[g],t[f],n),g=t[f];for(let v=1;v<a[f];v++)h=m(`enc${f}.${v}`,h,g)}for(let f=w-1;f>=0;f--){l.push({op:"upsample",input:h,output:`up${f}`,mode:s}),h=p(`dec${f}.0`,[`up${f}`,y[f]],[g,t[f]],t[f],n),g=t[f];for(let v=1;v<o[f];v++)h=m(`dec${f}.${v}`,h,g)}return h=p("out",[h],[g],e,"none"),d&&(l.push({op:"add",inputs:["image",h],output:"restored"}),h="restored"),{nodes:l,parameters:u,output:h}}function ue(r){let e=new Map([["image",{scale:1,radius:0}]]);for(let t of G(r).nodes){let o=("inputs"in t?t.inputs:[t.input]).map(s=>e.get(s)),n=Math.max(...o.map(s=>s.radius)),i=o[0].scale;t.op==="conv2d"?e.set(t.output,{scale:i*t.stride,radius:n+(t.kernel-1)/2*i}):t.op==="maxPool"?e.set(t.output,{scale:i*2,radius:n+i}):t.op==="upsample"?e.set(t.output,{scale:i/2,radius:n+(t.mode==="nearest"?i/2:i)}):e.set(t.output,{scale:i,radius:n})}return e.get(G(r).output).radius}function qe(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,o=(c,l,u,p)=>{if(!Number.isInteger(l)||l<u||l>p)throw new RangeError(`Cannot make a U-Net: ${c} must be a whole number from ${u} to ${p}, got ${l}`)};o("base",e,1,512),o("depth",t,0,6),o("blocks",a,1,16);let n={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(c,l)=>e*2**l),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,residualBlocks:r.residualBlocks??!0};o("channels",n.channels,1,16);let{widths:i,encoderBlocks:s,decoderBlocks:d}=n;if(i.forEach(c=>o("a width",c,1,4096)),s.forEach(c=>o("a scale's encoder blocks",c,1,16)),d.forEach(c=>o("a scale's decoder blocks",c,1,16)),s.length!==i.length||d.length!==i.length-1)throw new RangeError(`Cannot make a U-Net: ${i.length} widths want ${i.length} encoder and ${i.length-1} decoder block counts, got ${s.length} and ${d.length}`);for(let[c,l,u]of[["activation",n.activation,["none","relu","leaky-relu"]],["down",n.down,["max-pool","stride"]],["up",n.up,["nearest","bilinear"]]])if(!u.includes(l))throw new RangeError(`Cannot make a U-Net: ${c} must be one of ${u.join(", ")}, got ${l}`);return n}function W(r){return 2**(r.widths.length-1)}function He(r,e){let t=G(e),a=new Map(t.nodes.flatMap(o=>o.op==="conv2d"?[[`${o.name}.weight`,o.inChannels]]:[]));return new J(r,t.parameters.map(o=>({...o,sources:a.get(o.name)})))}function Ve(r,e,t,a,o={}){let n=W(t),[,i,s,d]=e.shape;if(i%n||s%n||d!==t.channels)throw new b(`Cannot record the U-Net: the image is ${i}×${s}×${d}, it takes multiples of ${n} and ${t.channels} channels`);let c=G(t),l=new Map([["image",e]]),u=new Set([e]),p=m=>{let w=l.get(m);if("upsampled"in w)throw new b(`Cannot record the U-Net: ${m} is read by more than a convolution`);return w};for(let m of c.nodes)if(m.op==="conv2d"){let w=m.inputs.map(y=>l.get(y));l.set(m.output,Fe(r,w,a,m,{...o,withoutGradient:u}))}else m.op==="maxPool"?l.set(m.output,ze(r,p(m.input),m.output)):m.op==="add"?l.set(m.output,Ae(r,p(m.inputs[0]),p(m.inputs[1]),m.output,u)):m.mode==="nearest"?l.set(m.output,{upsampled:p(m.input)}):l.set(m.output,Ge(r,p(m.input),m.mode,m.output));return p(c.output)}var Wt=2,Y=class{topology;#e;#r;#t=new Map;constructor(e,t){this.topology=t.topology,this.#e=e,this.#r=He(e,t.topology),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#o(t);return a.write("image",e),a.run(),await a.read("restored")}async#o(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let o=new q({training:!1});o.output("restored",Ve(o,o.input("image",e),this.topology,this.#r));let n=await xe(this.#e,o);this.#t.set(t,n);for(let[i,s]of this.#t){if(this.#t.size<=Wt)break;this.#t.delete(i),s[Symbol.dispose]()}return n}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var F=class extends Error{name="TileTooLargeError"};var X=class{topology;device;preferredTile;#e;#r;#t;constructor(e,t,a,o={}){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:512,this.#e=e,this.#r=o.owned??!1,this.#t=new Y(e,{topology:t,parameters:a})}async run(e,t,a){try{return await this.#t.predict(e,[1,t,a,this.topology.channels])}catch(o){let n=await this.#e.loss();throw n?new C(n.message,{cause:o}):o instanceof R?new F(o.message,{cause:o}):o}}get times(){let{upload:e,compute:t,download:a}=this.#e.times;return{upload:e,network:t,download:a}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};var k=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var pe={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation:
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling by the address). Of two joined
// sources the first is run with params.activation 0, and the second adds to it (MODE 2). y: [N,H,W,4·out4] f32.
// Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold. params.first4 is the source's place among the in4.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    y[at],
    y[at + min(1, last) * params.out4],
    y[at + min(2, last) * params.out4],
    y[at + min(3, last) * params.out4],
    y[at + min(4, last) * params.out4],
    y[at + min(5, last) * params.out4],
    y[at + min(6, last) * params.out4],
    y[at + min(7, last) * params.out4],
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    y[at] = activate_as(value, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * params.height) { return; }
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  for (var c = 0; c < params.x4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + params.first4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
    }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 8 outputs: 64 vec4 accumulators, no barrier, no workgroup memory. On a software adapter a load
// of a vec4 costs as much as twenty multiply-adds of one, whatever it is loaded from: so the tile is large, every pixel and weight
// is loaded once for each four inputs, and the sums spill to the stack, which is cheap. A compiler that takes long over straight code
// (SwiftShader's: minutes) is better served by conv2d_tile8.
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let tile = i32(id.x + id.y * groups.x * 64u);
  if (tile >= params.batch * across * down) { return; }
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = i32(group.z) * params.block_vec4s;
  let out = (params.first_block + i32(group.z)) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let row_vec4s = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s00 = eight(w[bias]);
  var s01 = eight(w[bias + 1]);
  var s10 = eight(w[bias]);
  var s11 = eight(w[bias + 1]);
  var s20 = eight(w[bias]);
  var s21 = eight(w[bias + 1]);
  var s30 = eight(w[bias]);
  var s31 = eight(w[bias + 1]);
  if (MODE == 2u) {
    // Rows and outputs outside read inside, and are not stored.
    let more = select(0, 1, two);
    s00 = loaded(at, last);
    s01 = loaded(at + more, last);
    s10 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s, last);
    s11 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s + more, last);
    s20 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s, last);
    s21 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s + more, last);
    s30 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s, last);
    s31 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s + more, last);
  }

  for (var c = 0; c < params.x4; c++) {
    let first = block + (params.first4 + c) * 8;
    let step = params.in4 * 8;
    let w000 = tap(first);
    let w001 = tap(first + 1);
    let w010 = tap(first + step);
    let w011 = tap(first + step + 1);
    let w020 = tap(first + 2 * step);
    let w021 = tap(first + 2 * step + 1);
    let w100 = tap(first + 3 * step);
    let w101 = tap(first + 3 * step + 1);
    let w110 = tap(first + 4 * step);
    let w111 = tap(first + 4 * step + 1);
    let w120 = tap(first + 5 * step);
    let w121 = tap(first + 5 * step + 1);
    let w200 = tap(first + 6 * step);
    let w201 = tap(first + 6 * step + 1);
    let w210 = tap(first + 7 * step);
    let w211 = tap(first + 7 * step + 1);
    let w220 = tap(first + 8 * step);
    let w221 = tap(first + 8 * step + 1);
    let v0 = pixels(n, y0 - 1, x0, c);
    s00 = taps(s00, v0, w000, w010, w020);
    s01 = taps(s01, v0, w001, w011, w021);
    let v1 = pixels(n, y0, x0, c);
    s00 = taps(s00, v1, w100, w110, w120);
    s01 = taps(s01, v1, w101, w111, w121);
    s10 = taps(s10, v1, w000, w010, w020);
    s11 = taps(s11, v1, w001, w011, w021);
    let v2 = pixels(n, y0 + 1, x0, c);
    s00 = taps(s00, v2, w200, w210, w220);
    s01 = taps(s01, v2, w201, w211, w221);
    s10 = taps(s10, v2, w100, w110, w120);
    s11 = taps(s11, v2, w101, w111, w121);
    s20 = taps(s20, v2, w000, w010, w020);
    s21 = taps(s21, v2, w001, w011, w021);
    let v3 = pixels(n, y0 + 2, x0, c);
    s10 = taps(s10, v3, w200, w210, w220);
    s11 = taps(s11, v3, w201, w211, w221);
    s20 = taps(s20, v3, w100, w110, w120);
    s21 = taps(s21, v3, w101, w111, w121);
    s30 = taps(s30, v3, w000, w010, w020);
    s31 = taps(s31, v3, w001, w011, w021);
    let v4 = pixels(n, y0 + 3, x0, c);
    s20 = taps(s20, v4, w200, w210, w220);
    s21 = taps(s21, v4, w201, w211, w221);
    s30 = taps(s30, v4, w100, w110, w120);
    s31 = taps(s31, v4, w101, w111, w121);
    let v5 = pixels(n, y0 + 4, x0, c);
    s30 = taps(s30, v5, w200, w210, w220);
    s31 = taps(s31, v5, w201, w211, w221);
  }

  store(at, last, s00);
  if (two) { store(at + 1, last, s01); }
  if (y0 + 1 < params.height) {
    store(at + row_vec4s, last, s10);
    if (two) { store(at + row_vec4s + 1, last, s11); }
  }
  if (y0 + 2 < params.height) {
    store(at + 2 * row_vec4s, last, s20);
    if (two) { store(at + 2 * row_vec4s + 1, last, s21); }
  }
  if (y0 + 3 < params.height) {
    store(at + 3 * row_vec4s, last, s30);
    if (two) { store(at + 3 * row_vec4s + 1, last, s31); }
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    for (var column = 0; column < params.width; column += 2) {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
    }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = (slice * 9 + ky * 3) * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`};function Lt(r,e){let t=r.prelude??[];for(let n of t)if(e[n]===void 0)throw new b(`Cannot compile ${r.name}: the constant ${n} is not given`);let a=[...t.map(n=>`const ${n} = ${e[n]};
`),...(r.includes??[]).map(n=>pe[n]),pe[r.name]].join(""),o=Object.fromEntries(Object.entries(e).filter(([n])=>!t.includes(n)));return{code:a,overrides:o}}async function Je(r,e,t){let{code:a,overrides:o}=Lt(e,t),n={read:"read-only-storage",read_write:"storage",uniform:"uniform"};r.pushErrorScope("validation");let i=r.createShaderModule({label:e.name,code:a}),s=r.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((l,u)=>({binding:u,visibility:GPUShaderStage.COMPUTE,buffer:{type:n[l]}}))}),d=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[s]}),compute:{module:i,entryPoint:"main",constants:o}}),c=await r.popErrorScope();if(c)throw new b(`Cannot compile ${e.name} ${JSON.stringify(t)}: ${c.message}`);return{kernel:e,pipeline:d,layout:s}}var jt=200,qt=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function Ht(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Vt(){Ht();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:o}=r.info,n=e||t||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:n,vendor:a,architecture:o,software:qt.test(`${n} ${a} ${o}`),lavapipe:/llvmpipe|lavapipe/i.test(n),features:[...r.features].sort()}}}async function Ye(){let r=await Vt();if(!r)throw new k("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:t}=r,a=["timestamp-query","shader-f16"],{limits:o}=e,n=await e.requestDevice({requiredFeatures:a.filter(i=>e.features.has(i)),requiredLimits:{maxStorageBufferBindingSize:o.maxStorageBufferBindingSize,maxBufferSize:o.maxBufferSize,maxUniformBufferBindingSize:o.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:o.maxComputeWorkgroupStorageSize}});return new me(n,t)}var me=class{device;adapter;times={upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#o=new Map;#a;#n=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#n||(this.#a??=new C(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#a??=o instanceof GPUOutOfMemoryError?new R(`The GPU is out of memory: ${o.message}`):new b(`The GPU refused a command: ${o.message}`)})}check(){if(this.#n)throw new b("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),t=setTimeout(()=>e.resolve(void 0),jt),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(t),a&&new C(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,t,a){this.check();let o=Math.max(16,Math.ceil(t/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new R(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let n=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(n),this.#r+=o,this.#t=Math.max(this.#t,this.#r),n}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||t+a.byteLength>e.size)throw new b(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={}){let a=`${e.name} ${JSON.stringify(Object.entries(t).sort())}`,o=this.#o.get(a);return o||Je(this.device,e,t).then(n=>(this.#o.set(a,n),n))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#n){this.#n=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#o.clear(),this.device.destroy()}}};function Jt(r,e,t,a){let o=new Float32Array(r.length);return Qe(e,t,a,(n,i)=>{for(let s=0;s<3;s++)o[i+s]=r[n+s]}),o}async function Xe(r,e,t,a){let o=new Float32Array(e.length);for(let n=0;n<8;n++){let[i,s]=n<4?[t,a]:[a,t],d=await r.run(Jt(e,t,a,n),i,s);Qe(t,a,n,(c,l)=>{for(let u=0;u<3;u++)o[c+u]+=d[l+u]/8})}return o}function Qe(r,e,t,a){for(let o=0;o<r;o++){let n=t&2?r-1-o:o;for(let i=0;i<e;i++){let s=t&1?e-1-i:i;a(3*(o*e+i),3*(t&4?s*r+n:n*e+s))}}}function fe(r){return r instanceof Uint16Array?65535:255}var Yt=16;function et(r,e,t,a=512,o=Yt){let n=W(t),i=I(ue(t),n),s=Ze(r,n,i,a,I(o,n)),d=Ze(e,n,i,a,I(o,n)),c=d.windows.flatMap(l=>s.windows.map(u=>({x:u.start,y:l.start,keep:{x0:u.from,x1:u.to,y0:l.from,y1:l.to}})));return{width:r,height:e,tileWidth:s.extent,tileHeight:d.extent,tiles:c}}function tt(r){let e=W(r);return 2*I(ue(r),e)+e}function Ze(r,e,t,a,o){let n=I(r+2*o,e),i=Math.max(Math.floor(a/e)*e,2*t+e);if(n<=i)return{extent:n,windows:[{start:-o,from:0,to:r}]};let s=Math.ceil((n-2*t)/(i-2*t)),d=I((n-2*t)/s,e),c=d+2*t,l=[];for(let u=0,p=0;p<n;u+=d){let m=Math.min(u,n-c),w=m+c>=n?n:m+c-t,[y,h]=[Math.max(p-o,0),Math.min(w-o,r)];y<h&&l.push({start:m-o,from:y,to:h}),p=w}return{extent:c,windows:l}}function I(r,e){return Math.ceil(r/e)*e}function he(r,e){if(e===1)return 0;let t=2*(e-1),a=(r%t+t)%t;return a<e?a:t-a}function ge(r,e,t){let{width:a,height:o,tileWidth:n,tileHeight:i}=e,s=fe(r),d=Int32Array.from({length:n},(l,u)=>3*he(t.x+u,a)),c=new Float32Array(i*n*3);for(let l=0,u=0;l<i;l++){let p=3*a*he(t.y+l,o);for(let m=0;m<n;m++){let w=p+d[m];c[u++]=r[w]/s,c[u++]=r[w+1]/s,c[u++]=r[w+2]/s}}return c}function rt(r,e,t,a,o,n){let{rgb:i,alpha:s,grey:d,width:c}=e,l=fe(t),{x0:u,x1:p,y0:m,y1:w}=o.keep;for(let y=m;y<w;y++){let h=3*((y-o.y)*a.tileWidth+u-o.x),g=3*(y*c+u);for(let f=u;f<p;f++,h+=3,g+=3){let v=r[h],x=r[h+1],_=r[h+2];if(!Number.isFinite(v+x+_))throw new RangeError(`the network's output at column ${f}, row ${y} is not a finite number`);if(s&&s[g/3]===0)for(let S=0;S<3;S++)t[g+S]=i[g+S];else if(d){let S=Q(i[g],(D(v)+D(x)+D(_))/3,l,n);for(let N=0;N<3;N++)t[g+N]=S}else t[g]=Q(i[g],D(v),l,n),t[g+1]=Q(i[g+1],D(x),l,n),t[g+2]=Q(i[g+2],D(_),l,n)}}}function D(r){return r<0?0:r>1?1:r}function Q(r,e,t,a){return Math.round(r+a*(e*t-r))}function at(r,e,t,a){if(!e.includes(0)||e.every(s=>s===0))return r;let o=r.slice(),n=new Uint16Array(t*a);for(let s=0;s<e.length;s++)e[s]===0&&(n[s]=65535);let i=(s,d,c)=>{if(n[d]===65535)return;let l=Math.min(n[d]+c,65534);l>=n[s]||(n[s]=l,o[3*s]=o[3*d],o[3*s+1]=o[3*d+1],o[3*s+2]=o[3*d+2])};for(let s of[1,-1]){let[d,c]=s===1?[0,0]:[a-1,t-1];for(let l=d;l>=0&&l<a;l+=s){let u=l-s>=0&&l-s<a;for(let p=c;p>=0&&p<t;p+=s){let m=l*t+p;if(n[m]===0)continue;let w=p-s>=0&&p-s<t,y=p+s>=0&&p+s<t,h=m-s*t;w&&i(m,m-s,3),u&&(i(m,h,3),w&&i(m,h-s,4),y&&i(m,h+s,4))}}}return o}async function ot(r,e,t={}){let{strength:a=1,tile:o=e.preferredTile,signal:n}=t;if(!(a>=0&&a<=1))throw new k(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(o>=1))throw new k(`Cannot enhance: tile must be at least 1 pixel, got ${o}`,{exitCode:2});if(e.topology.channels!==3)throw new k(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);if(n?.throwIfAborted(),a===0)return r;let i=r.alpha?at(r.rgb,r.alpha,r.width,r.height):r.rgb,s=r.rgb instanceof Uint16Array?new Uint16Array(r.rgb.length):new Uint8Array(r.rgb.length);for(let d=o;;d/=2){let c=et(r.width,r.height,e.topology,d);try{return await Xt(r,i,s,c,e,t),{...r,rgb:s}}catch(l){if(!(l instanceof F))throw l;if(d<=tt(e.topology))throw new k(`Cannot enhance: not enough memory on ${e.device} for a tile of ${c.tileWidth}×${c.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:l})}}}async function Xt(r,e,t,a,o,n){let{strength:i=1,selfEnsemble:s=!1,onProgress:d,onTile:c,signal:l}=n,{tiles:u,tileHeight:p,tileWidth:m}=a,w=(g,f)=>{try{rt(f,r,t,a,u[g],i)}catch(v){throw new k(`Cannot enhance on ${o.device}: ${v.message}; try --device cpu or another model`,{cause:v})}c?.(u[g].keep,t),d?.(g+1,u.length)},y=ge(e,a,u[0]),h;for(let g=0;g<u.length;g++){l?.throwIfAborted();let f=s?Xe(o,y,p,m):o.run(y,p,m);try{h&&w(g-1,h),g+1<u.length&&(y=ge(e,a,u[g+1]))}catch(v){throw await f.catch(()=>{}),v}h=await f}w(u.length-1,h)}var Qt=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function Z(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=Qt[(t^r[a])&255]^t>>>8;return~t>>>0}var nt={F32:4,F16:2};var Zt=1e8,ee="crc32",it="00000000";function lt(r,e){let t=y=>{throw new k(`Cannot read ${L(e)} as safetensors: ${y}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>Zt&&t(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>r.length-8&&t(`its header claims ${o} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let n=er(r.subarray(8,8+o),t),{__metadata__:i={},...s}=n;(!ye(i)||Object.values(i).some(y=>typeof y!="string"))&&t("its metadata is not a list of strings; the file is damaged");let d=r.subarray(8+o),c=[],l=new Map,u=Object.entries(s).map(([y,h])=>{let g=tr(y,h,d.length,t);return c.push(g),{tensor:y,...g}});c.sort((y,h)=>y.begin-h.begin||y.end-h.end);let p=0;for(let{begin:y,end:h}of c)y!==p&&t(`its tensors overlap or leave a gap at byte ${Math.min(y,p)}; the file is damaged`),p=h;p!==d.length&&t(`its tensors fill ${p} bytes, but ${d.length} follow the header; the file is damaged`),rr(r,o,i,t);for(let{tensor:y,dtype:h,shape:g,begin:f,end:v}of u){let x=d.slice(f,v).buffer,_=h==="F32"?new Float32Array(x):Float32Array.from(new Float16Array(x));l.set(y,{dtype:h,shape:g,data:_})}let{[ee]:m,...w}=i;return{tensors:l,metadata:w}}function er(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return ye(t)?t:e("its header is no JSON object; the file is damaged")}function tr(r,e,t,a){let o=l=>a(`tensor ${L(r)} has ${l}; the file is damaged`);if(!ye(e))return o("no description");let{dtype:n,shape:i,data_offsets:s}=e;if(n!=="F32"&&n!=="F16")return a(`tensor ${L(r)} is of type ${L(String(n))}; only F32 and F16 can be read`);if(!Array.isArray(i)||!i.every(st))return o("no valid shape");if(!Array.isArray(s)||s.length!==2||!s.every(st))return o("no valid offsets");let[d,c]=s;return c<d?o(`offsets ${d} to ${c}`):c>t?a(`tensor ${L(r)} ends at byte ${c} of the data, but the file holds ${t}; it is truncated or damaged`):c-d!==$(i)*nt[n]?o(`${c-d} bytes, but shape ${T(i)} of ${n} takes ${$(i)*nt[n]}`):{dtype:n,shape:i,begin:d,end:c}}function rr(r,e,t,a){if(!Object.hasOwn(t,ee))return;let o=ar(r,e);if(o!==void 0){let n=new TextEncoder().encode(it),i=r.subarray(o+n.length),s=Z(i,Z(n,Z(r.subarray(0,o))));if(or(s)===t[ee])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function ar(r,e){let t=new TextEncoder().encode(`"${ee}":"`),a=8+e-t.length-it.length;for(let o=8;o<=a;o++)if(t.every((n,i)=>r[o+i]===n))return o+t.length}function L(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var or=r=>r.toString(16).padStart(8,"0"),st=r=>Number.isSafeInteger(r)&&r>=0,ye=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var ct="clairnet-1",nr=["name","recipe","loss","data","created","version","license","note"],sr=["seed","steps"];function we(r,e){return ir(lt(r,e),e)}function ir(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=r;if(a.format!==ct||a.topology===void 0){let s=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new k(`${t}: its metadata has ${s}, where Clairnet's models have "${ct}"`)}let n=cr(a.topology,t),i=new Map;for(let{name:s,shape:d}of G(n).parameters){let c=o.get(s);if(!c)throw new k(`${t}: tensor "${s}" (${T(d)}) is missing`);if(T(c.shape)!==T(d))throw new k(`${t}: tensor "${s}" has shape ${T(c.shape)}, but its topology wants ${T(d)}`);lr(c.data,`${t}: tensor "${s}"`),i.set(s,c.data)}for(let s of o.keys())if(!i.has(s)&&!s.includes("/"))throw new k(`${t}: tensor ${JSON.stringify(s)} is not part of its topology`);return{topology:n,parameters:i,info:dr(a,t)}}function lr(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new k(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function cr(r,e){try{let{channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:i,down:s,up:d,residual:c,residualBlocks:l}=JSON.parse(r);for(let[u,p]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:n}))if(!Array.isArray(p))throw new RangeError(`${u} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[u,p]of Object.entries({residual:c,residualBlocks:l}))if(typeof p!="boolean")throw new RangeError(`${u} is neither true nor false`);for(let[u,p]of Object.entries({activation:i,down:s,up:d}))if(typeof p!="string")throw new RangeError(`${u} is no word`);return qe({channels:t,widths:a,encoderBlocks:o,decoderBlocks:n,activation:i,down:s,up:d,residual:c,residualBlocks:l})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new k(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function dr(r,e){let t={};for(let a of nr)t[a]=r[a]??"";for(let a of sr){let o=Number(r[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new k(`${e}: ${a} in its metadata is no whole number`);t[a]=o}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([o,n])=>[o,Number(n)]);t.metrics=Object.fromEntries(a)}catch(a){throw new k(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}async function dt({name:r,url:e,bytes:t}){if(t)return we(t,r);let a=await fetch(e).catch(o=>{throw new k(`Cannot fetch the model ${r}: ${o.message}`,{cause:o})});if(!a.ok)throw new k(`Cannot fetch the model ${r}: the server answered ${a.status}`);return we(new Uint8Array(await a.arrayBuffer()),r)}function ut(r,e,t){let a=new Uint8Array(e*t*3),o=new Uint8Array(e*t),n=!0,i=!0;for(let s=0,d=0,c=0;s<o.length;s++,d+=4,c+=3){let[l,u,p,m]=[r[d],r[d+1],r[d+2],r[d+3]];a[c]=l,a[c+1]=u,a[c+2]=p,o[s]=m,n&&=m===255,i&&=l===u&&u===p}return{width:e,height:t,rgb:a,grey:i,format:"canvas",...n?{}:{alpha:o}}}function pt(r,{width:e,alpha:t},{x0:a,x1:o,y0:n,y1:i},s){let d=new Uint8ClampedArray((o-a)*(i-n)*4);for(let c=n,l=0;c<i;c++)for(let u=a;u<o;u++,l+=4){let p=3*(c*e*s+u);d[l]=r[p],d[l+1]=r[p+1],d[l+2]=r[p+2],d[l+3]=t?t[Math.floor(c/s)*e+Math.floor(u/s)]:255}return d}function mt(){return self}function ft(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var te=class extends Error{};function ht(r){let e=mt(),t=new Map,a,o=Promise.resolve(),n=async s=>(a?.key!==s.key&&(a?.network[Symbol.dispose](),a=void 0,a={key:s.key,network:await r(await dt(s))}),a.network),i=async(s,d)=>{let{id:c,width:l,height:u,rgba:p}=s;try{d.throwIfAborted();let m=await n(s.model),{scale:w=1}=m.topology;e.postMessage({kind:"started",id:c,device:m.device,scale:w});let y=performance.now(),h=ut(p,l,u),g;await ot(h,m,{signal:d,onTile:({x0:f,x1:v,y0:x,y1:_},S)=>{let N={x0:f*w,x1:v*w,y0:x*w,y1:_*w};g={area:N,rgba:pt(S,h,N,w)}},onProgress:(f,v)=>{g&&e.postMessage({kind:"tile",id:c,...g,done:f,total:v},[g.rgba.buffer])}}),e.postMessage({kind:"done",id:c,seconds:(performance.now()-y)/1e3})}catch(m){m instanceof te?e.postMessage({kind:"cancelled",id:c}):(a?.network[Symbol.dispose](),a=void 0,e.postMessage({kind:"failed",id:c,message:ft(m)}))}finally{t.delete(c)}};e.onmessage=({data:s})=>{if(s.kind==="cancel")t.get(s.id)?.abort(new te);else{let d=new AbortController;t.set(s.id,d),o=o.then(()=>i(s,d.signal))}}}ht(async({topology:r,parameters:e})=>{let t=await Ye();return ur(t,new X(t,r,e))});function ur(r,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,run:(t,a,o)=>e.run(t,a,o),[Symbol.dispose](){e[Symbol.dispose](),r[Symbol.dispose]()}}}
